"""Slugs and secrets of webhooks: making them, and keeping the secrets sealed."""

import base64
import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from ostinato_core.db.types import encoded
from ostinato_core.encryption.key_ring import KeyRing, Sealed
from ostinato_core.encryption.sealed_columns import WEBHOOKS
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.webhooks.errors import WebhookInvalid
from ostinato_wire.webhook_signatures import PREFIX, split_secrets
from ostinato_wire.webhooks import WebhookSignature

SLUG_BYTES: Final = 24
SECRET_BYTES: Final = 32
SHORTEST_SECRET: Final = 16
"""Characters of a secret that a person gives."""
LONGEST_SECRET: Final = 512


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secret of a webhook, and the one before it for as long as that is taken, too."""

    current: str
    old: str | None = None


def new_slug() -> str:
    """Return an address that nobody can guess."""
    return secrets.token_urlsafe(SLUG_BYTES)


def new_secret(signature: WebhookSignature) -> str | None:
    """Return a secret for a kind of signature; None where there is none."""
    match signature:
        case WebhookSignature.NONE:
            return None
        case WebhookSignature.STANDARD:
            return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
        case WebhookSignature.GITHUB:
            return secrets.token_urlsafe(SECRET_BYTES)


def check_secret(signature: WebhookSignature, secret: str) -> None:
    """Check a secret that a person gives. Errors: WebhookInvalid, which does not repeat it."""
    if signature is WebhookSignature.NONE:
        raise WebhookInvalid("secret", "is of no use without a signature: set 'signature', too.")
    if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        raise WebhookInvalid("secret", f"must have {SHORTEST_SECRET} characters at least and {LONGEST_SECRET} at most.")
    if signature is WebhookSignature.STANDARD:
        try:
            is_one = len(split_secrets(secret)) == 1
        except ValueError:
            is_one = False
        if not is_one:
            raise WebhookInvalid("secret", f"must hold no blank or comma, and base64 if it begins with {PREFIX}.")


def sealed_columns(keys: KeyRing, workspace_id: UUID, webhook_id: UUID, kept: Secrets | None) -> JsonDict:
    """Return the columns of `webhooks` that hold secrets."""
    if kept is None:
        return {"secrets": None, "key_id": None}
    content = encoded({"current": kept.current, "old": kept.old})
    sealed = keys.seal(content, WEBHOOKS.place_of(workspace_id, webhook_id))
    return {"secrets": sealed.text, "key_id": sealed.key_id}


def open_secrets(keys: KeyRing, row: Row) -> Secrets | None:
    """Return the secrets of a row, None where it has none. Errors: EncryptionKeyMissing, SealBroken."""
    if row["secrets"] is None:
        return None
    sealed = Sealed(row["secrets"], row["key_id"])
    content = orjson.loads(keys.open(sealed, WEBHOOKS.place_of(row["workspace_id"], row["id"])))
    return Secrets(content["current"], content["old"])
