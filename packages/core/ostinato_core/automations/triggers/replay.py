"""Evaluating events of the past as if they came now, with the time that passes between them. Pure."""

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush
from uuid import UUID

from ostinato_core.automations.triggers.buckets import Bucket, watched_from
from ostinato_core.automations.triggers.evaluation import AutomationFired, BucketKey, Evaluation, Memory
from ostinato_core.automations.triggers.index import TriggerIndex
from ostinato_core.events.stored import StoredEvent


class Replay:
    """The triggers of an index, which begin to watch at `start`."""

    def __init__(self, index: TriggerIndex, start: datetime) -> None:
        self._index = index
        self._memory = Memory()
        self._evaluation = Evaluation(self._memory)
        self._due: list[tuple[datetime, BucketKey]] = []
        for watch in index.watches.values():
            bucket = watched_from(watch.terms, start)
            if bucket is not None:
                self._memory.buckets[watch.id, ()] = bucket
                self._watch((watch.id, ()))

    def bucket(self, key: BucketKey) -> Bucket | None:
        """Return the bucket of a key, as it is now."""
        return self._memory.buckets.get(key)

    def take(self, event: StoredEvent) -> Iterator[AutomationFired]:
        """Let the triggers see the next event; return what fires by it."""
        for interest, key in self._index.interested(event):
            fired = self._evaluation.take_event(event, interest, key)
            self._watch((interest.watch.id, key))
            if fired is not None:
                yield fired

    def pass_time(self, until: datetime) -> Iterator[AutomationFired]:
        """Let time pass; return what fires by it, with the times at which it does."""
        while self._due and self._due[0][0] <= until:
            end, key = heappop(self._due)
            bucket = self._memory.buckets.get(key)
            if bucket is None or bucket.end != end:
                continue
            fired = self._evaluation.take_time(self._index.watches[key[0]], key[1], end)
            self._watch(key)
            if fired is not None:
                yield fired

    def _watch(self, key: BucketKey) -> None:
        bucket = self._memory.buckets.get(key)
        if bucket is not None and not self._index.watches[key[0]].terms.is_reactive:
            heappush(self._due, (bucket.end, key))

    def keys(self, event: StoredEvent) -> dict[UUID, BucketKey]:
        """Return under which key each of the triggers that an event concerns counts it, by the trigger's id."""
        return {each.watch.id: (each.watch.id, key) for each, key in self._index.interested(event)}
