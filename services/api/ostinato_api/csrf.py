"""Tokens against cross-site request forgery, off by default (behaviour.md, section 2)."""

import hmac
import secrets
from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import bindparam, delete, select

from ostinato_api.deps import Services
from ostinato_core.db.tables import csrf_tokens
from ostinato_core.errors import Forbidden
from ostinato_core.ids import new_id
from ostinato_core.transaction import Transaction

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}

_FIND = select(csrf_tokens.c.token).where(
    csrf_tokens.c.client == bindparam("client"), csrf_tokens.c.expiration > bindparam("now")
)
_FORGET = delete(csrf_tokens).where(
    (csrf_tokens.c.client == bindparam("client")) | (csrf_tokens.c.expiration < bindparam("now"))
)


async def issue_token(tx: Transaction, client: str, life: float) -> dict[str, Any]:  # Any: members of a row
    """Make a token for the client in place of its former one; `life` in seconds."""
    await tx.run(_FORGET, {"client": client, "now": tx.now})
    token: dict[str, Any] = {
        "id": new_id(),
        "created": tx.now,
        "updated": tx.now,
        "token": secrets.token_hex(32),
        "client": client,
        "expiration": tx.now + timedelta(seconds=life),
    }
    await tx.run(tx.dialect.insert(csrf_tokens).values(**token))
    return token


async def check_csrf(request: web.Request, services: Services) -> None:
    """Let a changing request pass only with its client's token. Errors: Forbidden."""
    if request.method not in CHANGING:
        return
    token = request.headers.get("Prefect-Csrf-Token")
    client = request.headers.get("Prefect-Csrf-Client")
    if not token:
        raise Forbidden("Missing CSRF token.")
    if not client:
        raise Forbidden("Missing client identifier.")
    stored = await services.database.lookup(lambda tx: _stored_token(tx, client))
    if stored is None or not hmac.compare_digest(stored, token):
        raise Forbidden("Invalid CSRF token or client identifier.")


async def _stored_token(tx: Transaction, client: str) -> str | None:
    return await tx.value(_FIND, {"client": client, "now": tx.now})
