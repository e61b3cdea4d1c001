"""What events make of buckets and of the firings of children, and which automations fire. Pure: all state is given."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from ostinato_core.automations.firings import Firing, TriggerState
from ostinato_core.automations.triggers.buckets import Bucket, Outcome, on_event, on_time
from ostinato_core.automations.triggers.composites import Stored, on_firing
from ostinato_core.automations.triggers.index import Interest
from ostinato_core.automations.triggers.watches import Key, Watch
from ostinato_core.events.stored import StoredEvent

BucketKey = tuple[UUID, Key]
"""A trigger and the key under which it counts."""


@dataclass(slots=True)
class Memory:
    """What is known of triggers: their buckets, and for composite ones the last firings of their children."""

    buckets: dict[BucketKey, Bucket] = field(default_factory=dict[BucketKey, Bucket])
    firings: dict[UUID, Stored] = field(default_factory=dict[UUID, Stored])

    def of(self, triggers: Container[UUID]) -> "Memory":
        """Return the same of these triggers, to be compared with it: what is in it is never changed, only replaced."""
        return Memory({key: each for key, each in self.buckets.items() if key[0] in triggers}, dict(self.firings))


@dataclass(frozen=True, slots=True)
class AutomationFired:
    """The firing of the trigger of an automation."""

    automation_id: UUID
    firing: Firing


class Evaluation:
    """Evaluates one event after the other. Firings of children are told apart by when the server took the events in."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def take_event(self, event: StoredEvent, interest: Interest, key: Key) -> AutomationFired | None:
        """Let a trigger see an event that concerns it; return the firing of its automation, if that comes of it."""
        watch = interest.watch
        bucket = self.memory.buckets.get((watch.id, key))
        return self._settle(watch, key, on_event(watch.terms, bucket, event, interest.role), event.received)

    def take_time(self, watch: Watch, key: Key, now: datetime) -> AutomationFired | None:
        """Let time pass for the bucket of a proactive trigger."""
        return self._settle(watch, key, on_time(watch.terms, self.memory.buckets[watch.id, key], now), now)

    def _settle(self, watch: Watch, key: Key, outcome: Outcome, moment: datetime) -> AutomationFired | None:
        if outcome.bucket is None:
            self.memory.buckets.pop((watch.id, key), None)
        else:
            self.memory.buckets[watch.id, key] = outcome.bucket
        if not outcome.fired:
            return None
        firing = _firing(watch.id, moment, watch.labels(key), outcome.event)
        for composite in watch.ancestors():
            stored, used = on_firing(composite, self.memory.firings.get(composite.id, {}), firing)
            self.memory.firings[composite.id] = stored
            if used is None:
                return None
            firing = _firing(composite.id, firing.triggered, {}, firing.triggering_event, used)
        return AutomationFired(watch.automation_id, firing)


def _firing(
    trigger_id: UUID,
    triggered: datetime,
    labels: Mapping[str, str],
    event: StoredEvent | None,
    firings: Sequence[Firing] = (),
) -> Firing:
    return Firing(trigger_id, TriggerState.TRIGGERED, triggered, labels, event, firings=firings)
