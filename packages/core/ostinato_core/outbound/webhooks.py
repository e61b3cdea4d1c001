"""Calling a webhook block, signed where it has a signing secret."""

from uuid import UUID

import orjson
from pydantic import ValidationError

from ostinato_core.clock import utc_now
from ostinato_core.outbound.http import HttpClient
from ostinato_core.outbound.notifications import Block, invalid_block, send
from ostinato_core.outbound.outcome import Outcome, lost
from ostinato_wire.notifications import HttpRequest
from ostinato_wire.webhook_blocks import SLUG, TIMEOUT, WebhookData
from ostinato_wire.webhook_signatures import sign, split_secrets


async def call(client: HttpClient, block: Block, payload: str, delivery_id: UUID) -> Outcome:
    """Send a payload, as JSON if it is that and else as text; `delivery_id` is its `webhook-id` at every attempt."""
    if block.slug != SLUG:
        return lost(f"A block of the type {block.slug!r} is not a webhook.")
    try:
        data = WebhookData.model_validate(block.data)
        secrets = split_secrets(data.signing_secret or "")
    except ValidationError as error:
        return lost(invalid_block(block.slug, error))
    except ValueError as error:
        return lost(str(error))
    headers = {name.lower(): value for name, value in data.headers.items()}
    headers.setdefault("content-type", "application/json" if _is_json(payload) else "text/plain; charset=utf-8")
    if secrets:
        headers |= sign(secrets, str(delivery_id), utc_now(), payload.encode())
    request = HttpRequest(data.url, data.method, headers=headers, text=payload or None, timeout=TIMEOUT)
    return await send(client, request, data.allow_private_urls, verify=data.verify)


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
