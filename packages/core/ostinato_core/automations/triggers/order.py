"""The order in which events are evaluated: one that follows another waits until that one was. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from ostinato_core.events.stored import StoredEvent

PATIENCE: Final = timedelta(minutes=15)
"""An event that was taken in so long ago waits no more."""
DEPTH: Final = 20
"""So many events that follow one another are evaluated with the first of them; the others when their time is up."""


class Order:
    """Says which event is next. `seen` are those evaluated before, `parked` those that wait, by their ids."""

    def __init__(self, now: datetime, seen: Collection[UUID], parked: Mapping[UUID, StoredEvent]) -> None:
        self._now = now
        self._done = set(seen)
        self.parked = dict(parked)
        self._followers: dict[UUID, list[UUID]] = {}
        for event in parked.values():
            self._follow(event)

    def arrange(self, arrivals: Iterable[StoredEvent]) -> Iterator[StoredEvent]:
        """Return what is to be evaluated when these events arrive: each, unless it waits, and those that waited for it.

        Those whose time is up come first.
        """
        for event in [each for each in self.parked.values() if self._is_over(each)]:
            if event.id in self.parked:
                yield from self._release(event, 0)
        for event in arrivals:
            if event.id in self._done or event.id in self.parked:
                continue
            leader = event.follows
            if leader is None or leader == event.id or leader in self._done or self._is_over(event):
                yield from self._release(event, 0)
            else:
                self.parked[event.id] = event
                self._follow(event)

    def _release(self, event: StoredEvent, depth: int) -> Iterator[StoredEvent]:
        self.parked.pop(event.id, None)
        self._done.add(event.id)
        yield event
        if depth < DEPTH:
            for follower in self._followers.pop(event.id, ()):
                if follower in self.parked:
                    yield from self._release(self.parked[follower], depth + 1)

    def _follow(self, event: StoredEvent) -> None:
        assert event.follows is not None
        self._followers.setdefault(event.follows, []).append(event.id)

    def _is_over(self, event: StoredEvent) -> bool:
        return self._now - event.received >= PATIENCE
