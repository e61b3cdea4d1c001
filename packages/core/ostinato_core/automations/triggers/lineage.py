"""Of whose firings an event came about: an automation does not fire by what itself has brought about. Pure.

Else two automations that watch each other's firings, or the failures of each other's actions, would never end.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from ostinato_core.events.stored import StoredEvent
from ostinato_core.parameters.shapes import is_array, is_object
from ostinato_wire.base import Json
from ostinato_wire.events import RESOURCE_ID, RESOURCE_ROLE

OF_AUTOMATIONS: Final = "prefect.automation."
"""What the ids of automations begin with, as resources."""
OF_EVENTS: Final = "prefect.event."
FIRING: Final = "automation-triggered-event"
"""The role in which an event of an action names the firing that it came of."""
ACTIONS: Final = "prefect.automation.action."
FIRINGS: Final = ("prefect.automation.triggered", "prefect.automation.resolved", ACTIONS)
"""What names of events that tell of firings and of what was done begin with."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """The automations, as resources, that have brought about an event; `before` is the id of the firing that brought
    about the first of them, where that is to be looked up.
    """

    sources: frozenset[str] = frozenset()
    before: UUID | None = None


_NONE: Final = Lineage()


def as_resource(automation_id: UUID) -> str:
    """Return the id of an automation as a resource."""
    return f"{OF_AUTOMATIONS}{automation_id}"


def lineage_of(event: StoredEvent) -> Lineage:
    """Return by whose firings an event came about, as far as the event itself tells."""
    if not event.event.startswith(FIRINGS):
        return _NONE
    sources: set[str] = set()
    before: UUID | None = None
    told: Json = event.content()
    # A firing carries the event that has caused it, which may be a firing; what an action did names its firing.
    while is_object(told) and str(told.get("event")).startswith(FIRINGS):
        sources.add(_text(told.get("resource"), RESOURCE_ID))
        before = _firing_of(told.get("related"))
        payload = told.get("payload")
        told = payload.get("triggering_event") if is_object(payload) else None
    return Lineage(frozenset(sources), before)


def _firing_of(related: Json) -> UUID | None:
    for resource in related if is_array(related) else ():
        if _text(resource, RESOURCE_ROLE) == FIRING:
            try:
                return UUID(_text(resource, RESOURCE_ID).removeprefix(OF_EVENTS))
            except ValueError:
                return None
    return None


def _text(labels: Json, label: str) -> str:
    return str(labels.get(label)) if is_object(labels) else ""
