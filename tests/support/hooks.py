"""Inbound webhooks for tests: making them, and sending to them as others do."""

from datetime import UTC, datetime
from uuid import uuid4

import orjson

from ostinato_core.webhooks.signatures import sign_as_github
from ostinato_wire.webhook_signatures import sign
from ostinato_wire.webhooks import WebhookSignature
from tests.support.client import Answer, Api
from tests.support.json import Json
from tests.support.ports import wait_until

TEMPLATE = '{"event": "order.{{ body.action }}", "resource": {"prefect.resource.id": "order.{{ body.number }}"}}'


async def new_hook(api: Api, **members: Json) -> Json:
    """Make a webhook with a template that takes `{"action": ..., "number": ...}`."""
    return await api.created("/webhooks/", {"name": f"hook-{uuid4().hex}", "template": TEMPLATE} | members)


async def send(
    api: Api, hook: Json, body: Json | bytes = None, *, method: str = "POST", headers: dict[str, str] | None = None
) -> Answer:
    """Send to a webhook; bytes go as they are."""
    content = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
    return await api.request(method, f"/hooks/{hook['slug']}", body=content, headers=headers)


def signed(hook: Json, body: bytes, *, message_id: str | None = None, sent: datetime | None = None) -> dict[str, str]:
    """Return the headers by which a sender who knows the secret signs."""
    if hook["signature"] == WebhookSignature.GITHUB:
        return sign_as_github(hook["secret"], body)
    return sign([hook["secret"]], message_id or uuid4().hex, sent or datetime.now(UTC), body)


async def events_of(api: Api, hook: Json, name: str | None = None, *, count: int = 1) -> list[Json]:
    """Return the events to which a webhook is related, or that it is the resource of; waits for so many."""
    wanted: dict[str, Json] = {"any_resource": {"id": [f"prefect-cloud.webhook.{hook['id']}"]}, "order": "ASC"}
    if name is not None:
        wanted["event"] = {"prefix": [name]}

    async def enough() -> list[Json] | None:
        found: list[Json] = (await api.post("/events/filter", {"filter": wanted, "limit": 50})).json["events"]
        return found if len(found) >= count else None

    found = await wait_until(enough, seconds=30, every=0.05, what=f"{count} events of a webhook")
    assert found is not None
    return found
