"""Inbound webhooks: addresses whose requests become events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.client.operation import decode, encode, facts
from ostinato.client.plans.filters import body_of
from ostinato.client.steps import Plan, Request
from ostinato.exceptions import ObjectNotFound
from ostinato_wire.webhooks import (
    Webhook,
    WebhookCreate,
    WebhookFilter,
    WebhookRotate,
    WebhookTrial,
    WebhookTrialResult,
    WebhookUpdate,
)

if TYPE_CHECKING:
    from uuid import UUID

    from pydantic import SecretStr


def create_webhook(body: WebhookCreate) -> Plan[Webhook]:
    """Make a webhook; what is returned alone tells its secret."""
    with facts():
        response = yield Request("POST", "/webhooks/", encode(_with_secret(body, body.secret)))
    return decode(response, Webhook)


def read_webhook(webhook_id: UUID) -> Plan[Webhook | None]:
    """Return a webhook; None if there is no such webhook."""
    try:
        with facts():
            response = yield Request("GET", f"/webhooks/{webhook_id}")
    except ObjectNotFound:
        return None
    return decode(response, Webhook)


def read_webhooks(
    webhook_filter: WebhookFilter | None = None, limit: int | None = None, offset: int = 0
) -> Plan[list[Webhook]]:
    """Return webhooks that meet the filter, by name."""
    body = body_of({}, webhooks=webhook_filter, limit=limit, offset=offset)
    response = yield Request("POST", "/webhooks/filter", encode(body))
    return decode(response, list[Webhook])


def update_webhook(webhook_id: UUID, body: WebhookUpdate) -> Plan[Webhook]:
    """Change the members of a webhook that are set in `body`. Raises ObjectNotFound."""
    with facts():
        response = yield Request("PATCH", f"/webhooks/{webhook_id}", encode(_with_secret(body, body.secret)))
    return decode(response, Webhook)


def rotate_webhook(webhook_id: UUID, body: WebhookRotate | None = None) -> Plan[Webhook]:
    """Give a webhook another slug and secret; what is returned alone tells the secret. Raises ObjectNotFound."""
    with facts():
        response = yield Request("POST", f"/webhooks/{webhook_id}/rotate", encode(body or WebhookRotate()))
    return decode(response, Webhook)


def delete_webhook(webhook_id: UUID) -> Plan[None]:
    """Delete a webhook. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/webhooks/{webhook_id}")


def render_webhook(body: WebhookTrial) -> Plan[WebhookTrialResult]:
    """Return what a template would make of a request; the server records nothing."""
    with facts():
        response = yield Request("POST", "/webhooks/render", encode(body))
    return decode(response, WebhookTrialResult)


def _with_secret(body: WebhookCreate | WebhookUpdate, secret: SecretStr | None) -> dict[str, object]:
    members: dict[str, object] = body.model_dump(mode="json", exclude_unset=True, exclude={"secret"})
    return members if secret is None else {**members, "secret": secret.get_secret_value()}
