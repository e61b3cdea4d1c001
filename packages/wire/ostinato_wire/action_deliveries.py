"""Deliveries: what became of each action of an automation that has fired. An extension of the wire."""

from enum import StrEnum
from uuid import UUID

from ostinato_wire.actions import Action
from ostinato_wire.base import JsonObject, UtcTime, WireModel
from ostinato_wire.filters import AnyId
from ostinato_wire.queries import Slice


class DeliveryState(StrEnum):
    """What became of an action: `failed` ones wait for somebody to send them again, `dropped` ones are void, `folded`
    ones are told by another delivery, whose id is `told_by` in the result.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"
    FOLDED = "folded"


class ActionDelivery(WireModel):
    """One action of one firing. `id` is its invocation; `due` is when it is tried next, if it is."""

    id: UUID
    created: UtcTime
    updated: UtcTime
    automation_id: UUID
    automation_name: str
    firing_id: UUID
    action_index: int
    action: Action
    triggering_event_id: UUID | None
    state: DeliveryState
    attempts: int
    due: UtcTime | None
    is_under_way: bool
    result: JsonObject | None
    """What was answered at the last attempt: as in the events that tell of the action."""
    reason: str | None
    """Why the last attempt failed."""
    ended: UtcTime | None


class AnyDeliveryState(WireModel):
    """States in the list."""

    any_: list[DeliveryState] | None = None


class ActionDeliveryFilter(WireModel):
    """Which deliveries: all criteria must hold."""

    automation_id: AnyId | None = None
    state: AnyDeliveryState | None = None


class ActionDeliveriesQuery(Slice):
    """Body of `POST /automations/deliveries/filter`: the newest come first."""

    deliveries: ActionDeliveryFilter | None = None
