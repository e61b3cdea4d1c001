"""Deliveries: what became of the actions of automations that have fired. An extension of the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.client.operation import decode, encode, facts
from ostinato.client.plans.filters import body_of
from ostinato.client.steps import Plan, Request
from ostinato.exceptions import ObjectNotFound
from ostinato_wire.action_deliveries import ActionDelivery

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato_wire.action_deliveries import ActionDeliveryFilter


def read_action_delivery(delivery_id: UUID) -> Plan[ActionDelivery | None]:
    """Return a delivery; None if there is none of this id."""
    try:
        with facts():
            response = yield Request("GET", f"/automations/deliveries/{delivery_id}")
    except ObjectNotFound:
        return None
    return decode(response, ActionDelivery)


def read_action_deliveries(
    delivery_filter: ActionDeliveryFilter | None = None, limit: int | None = None, offset: int = 0
) -> Plan[list[ActionDelivery]]:
    """Return deliveries that meet the filter, the newest first."""
    body = body_of({}, deliveries=delivery_filter, limit=limit, offset=offset)
    response = yield Request("POST", "/automations/deliveries/filter", encode(body))
    return decode(response, list[ActionDelivery])


def send_action_delivery_again(delivery_id: UUID) -> Plan[ActionDelivery]:
    """Let a delivery be tried again. Raises ObjectNotFound, and ObjectAlreadyExists if it has not failed."""
    with facts():
        response = yield Request("POST", f"/automations/deliveries/{delivery_id}/send_again", b"{}")
    return decode(response, ActionDelivery)
