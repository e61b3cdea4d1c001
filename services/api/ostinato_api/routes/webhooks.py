"""Inbound webhooks, and the addresses at which they listen."""

import math

from aiohttp import web

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.webhooks import operations
from ostinato_core.webhooks.errors import RequestRefused
from ostinato_core.webhooks.receiving import try_out
from ostinato_core.webhooks.requests import Headers, HookRequest
from ostinato_wire.webhooks import (
    Webhook,
    WebhookCreate,
    WebhookRotate,
    WebhooksQuery,
    WebhooksWhere,
    WebhookTrial,
    WebhookTrialResult,
    WebhookUpdate,
)

routes = Routes("Webhooks")
hooks = Routes("Hooks")

QUIET = "The request was not taken: the event prefect-cloud.webhook.failed says why."
"""What senders read: whoever may look at events learns more."""


@routes.post("/webhooks/")
@endpoint(body=WebhookCreate, returns=Webhook, statuses=(201,), holds_secrets=True)
async def create_webhook(call: Call[WebhookCreate]) -> Reply:
    """Make a webhook; the answer alone tells its secret."""
    return Reply(await call.write(operations.create_webhook, call.body, call.services.keys), 201)


@routes.post("/webhooks/filter")
@endpoint(body=WebhooksQuery, returns=list[Webhook])
async def read_webhooks(call: Call[WebhooksQuery]) -> Reply:
    """Webhooks that match."""
    return Reply(await call.read(operations.read_webhooks, call.body, limit_of(call, call.body.limit)))


@routes.post("/webhooks/count")
@endpoint(body=WebhooksWhere, returns=int)
async def count_webhooks(call: Call[WebhooksWhere]) -> Reply:
    """How many webhooks match."""
    return Reply(await call.read(operations.count_webhooks, call.body))


@routes.post("/webhooks/render")
@endpoint(body=WebhookTrial, returns=WebhookTrialResult)
async def render_webhook(call: Call[WebhookTrial]) -> Reply:
    """What a template would make of a request; nothing is recorded."""
    return Reply(try_out(call.body, call.services.settings.events_maximum_size_bytes).model_dump())


@routes.get("/webhooks/{id}")
@endpoint(returns=Webhook)
async def read_webhook(call: Call[None]) -> Reply:
    """One webhook."""
    return Reply(await call.lookup(operations.read_webhook, call.id))


@routes.patch("/webhooks/{id}")
@endpoint(body=WebhookUpdate, returns=Webhook, holds_secrets=True)
async def update_webhook(call: Call[WebhookUpdate]) -> Reply:
    """Change a webhook; the answer tells its secret if that is another one."""
    return Reply(await call.write(operations.update_webhook, call.id, call.body, call.services.keys))


@routes.put("/webhooks/{id}")
@endpoint(body=WebhookUpdate, returns=Webhook, holds_secrets=True)
async def replace_webhook(call: Call[WebhookUpdate]) -> Reply:
    """The same, for clients that put."""
    return Reply(await call.write(operations.update_webhook, call.id, call.body, call.services.keys))


@routes.post("/webhooks/{id}/rotate")
@endpoint(body=WebhookRotate, returns=Webhook)
async def rotate_webhook(call: Call[WebhookRotate]) -> Reply:
    """Give a webhook another slug and secret; the answer alone tells that secret."""
    return Reply(await call.write(operations.rotate_webhook, call.id, call.body, call.services.keys))


@routes.delete("/webhooks/{id}")
@endpoint(statuses=(204,))
async def delete_webhook(call: Call[None]) -> Reply:
    """Delete a webhook."""
    await call.write(operations.delete_webhook, call.id)
    return NO_CONTENT


@hooks.any("/hooks/{slug}")
@endpoint(statuses=(204, 400, 404, 413, 429))
async def receive(call: Call[None]) -> Reply:
    """Take a request of another system for an event. Nobody need log in: the slug, and the signature, are enough."""
    receiver, limits = call.services.webhooks, call.services.webhook_limits
    webhook = await receiver.find(call.path("slug"))
    if limits is not None and (wait := await limits.take(f"webhook {webhook['id']}")) > 0:
        return _told(429, "Too many requests: try again later.", {"Retry-After": str(math.ceil(wait))})
    if (origin := call.request.headers.get("WebHook-Request-Origin")) and call.request.method == "OPTIONS":
        # CloudEvents' protection against abuse: who owns the address says that it wants these events.
        return Reply(response=web.Response(headers={"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"}))
    most = call.services.settings.webhooks_maximum_body_size
    if (body := await _body_within(call.request, most)) is None:
        return _told(413, f"The request body is larger than the {most:,} bytes that a webhook accepts.")
    request = HookRequest(call.request.method, Headers(call.request.headers.items()), body)
    try:
        answer = await receiver.receive(webhook, request)
    except RequestRefused:
        return Reply({"detail": QUIET}, 400)
    return NO_CONTENT if answer is None else Reply(answer)


async def _body_within(request: web.Request, most: int) -> bytes | None:
    """Return the body, None where it is larger than so many bytes."""
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > most:
            return None
    return bytes(body)


def _told(status: int, detail: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(response=web.json_response({"detail": detail}, status=status, headers=headers))
