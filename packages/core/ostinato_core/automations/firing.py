"""The firing of a trigger: what is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from ostinato_core.events.stored import StoredEvent
from ostinato_core.ids import new_id


class TriggerState(StrEnum):
    """Whether what a trigger watches for has begun, or has ended (metric triggers only)."""

    TRIGGERED = "Triggered"
    RESOLVED = "Resolved"


@dataclass(frozen=True, slots=True)
class Firing:
    """The firing of a trigger. `triggering_value` is the measured value of a metric trigger; `firings` are those of the
    children of a compound or sequence trigger.
    """

    trigger_id: UUID
    state: TriggerState
    triggered: datetime
    triggering_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    triggering_event: StoredEvent | None = None
    triggering_value: Any = None  # Any: any JSON value
    firings: Sequence["Firing"] = ()
    id: UUID = field(default_factory=new_id)

    def events(self) -> list[StoredEvent]:
        """Return the triggering events of the firing and of those within it, each once."""
        found = {} if self.triggering_event is None else {self.triggering_event.id: self.triggering_event}
        for firing in self.firings:
            found |= {event.id: event for event in firing.events()}
        return list(found.values())
