"""Events on their way: waiting, then sent and unconfirmed, then gone. Bounded; shared by producers and one sender."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from itertools import islice
from threading import Condition
from typing import TYPE_CHECKING

import orjson

from ostinato.journal.ring import Stream
from ostinato_wire.base import Json

if TYPE_CHECKING:
    from ostinato.journal.book import Journal

DEFAULT_LIMIT = 100_000
"""Events in memory at most, where the settings name no limit."""


class Outbox:
    """A bounded queue that forgets an event only when its delivery is confirmed, and keeps it in a journal until then.

    `put` may be called by any thread and waits while the outbox is full. All other methods but `count` and
    `wait_empty` are for the one sender. `is_draining` asks it to have everything confirmed soon, `is_stopping` to end.
    """

    def __init__(self, limit: int, wake: Callable[[], None], journal: Journal | None = None) -> None:
        self.limit = limit if limit > 0 else DEFAULT_LIMIT
        self.rejected = 0
        self.confirmed = 0
        self._given_up = 0
        self.is_draining = False
        self.is_stopping = False
        self._wake = wake
        self._journal = journal
        self._changed = Condition()
        self._waiting: deque[bytes] = deque()
        self._again: deque[bytes] = deque()
        self._unconfirmed: deque[bytes] = deque()
        self._sender_sleeps = True
        self._producers_wait = 0
        self._is_closed = False

    def put(self, event: Mapping[str, Json]) -> None:
        """Take over a complete wire event; wait while there is no room. One without JSON form is rejected."""
        frame = to_json(event)
        if frame is None:
            self.rejected += 1
        else:
            self.put_frame(frame)

    def put_frame(self, frame: bytes, *, may_wait: bool = True) -> None:
        """Take over the JSON of an event; without `may_wait` also where there is no room."""
        with self._changed:
            while may_wait and self.count() >= self.limit and not self._is_closed:
                self._wait_for_room()
            if self._journal is not None:
                self._journal.append(Stream.EVENTS, frame)
            self._waiting.append(frame)
            must_wake, self._sender_sleeps = self._sender_sleeps, False
        if must_wake:
            self._wake()

    def _wait_for_room(self) -> None:
        self._producers_wait += 1
        self._sender_sleeps = False
        self._wake()
        try:
            self._changed.wait()
        finally:
            self._producers_wait -= 1

    def close(self) -> None:
        """Let producers that wait go on: nothing is sent any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def count(self) -> int:
        """Return how many events are not confirmed yet."""
        return len(self._waiting) + len(self._again) + len(self._unconfirmed)

    def waiting(self) -> list[bytes]:
        """Return the JSON of the events that are not confirmed yet."""
        with self._changed:
            return [*self._unconfirmed, *self._again, *self._waiting]

    def wait_empty(self, timeout: float) -> bool:
        """Wait until every event is confirmed or given up; return whether that is so after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self.count() == 0, timeout)

    def wait_gone(self, timeout: float) -> bool:
        """Wait until the events that are here now are confirmed or given up; whether they are after `timeout`."""
        with self._changed:
            last = self.confirmed + self._given_up + self.count()
            return self._changed.wait_for(lambda: self.confirmed + self._given_up >= last, max(timeout, 0.0))

    def take(self, most: int) -> list[bytes]:
        """Return the JSON of the next events, oldest first, now unconfirmed; [] lets the next `put` wake the sender."""
        with self._changed:
            frames = [self._again.popleft() for _ in range(min(most, len(self._again)))]
            frames += [self._waiting.popleft() for _ in range(min(most - len(frames), len(self._waiting)))]
            self._unconfirmed.extend(frames)
            self._sender_sleeps = not frames and not self._waiting
            return frames

    @property
    def unconfirmed(self) -> int:
        """How many events were sent and are not confirmed."""
        return len(self._unconfirmed)

    @property
    def is_pressed(self) -> bool:
        """Whether a producer waits for room."""
        return self._producers_wait > 0

    def confirm(self, many: int) -> None:
        """Forget the oldest `many` unconfirmed events: they are safe."""
        with self._changed:
            for _ in range(many):
                self._unconfirmed.popleft()
            self.confirmed += many
            if self._journal is not None:
                self._journal.acknowledge(Stream.EVENTS, many)
            self._changed.notify_all()

    def send_again(self) -> None:
        """Put all unconfirmed events back to the front: their connection is gone."""
        with self._changed:
            self._again.extendleft(reversed(self._unconfirmed))
            self._unconfirmed.clear()

    def reject(self) -> bytes:
        """Give up the oldest event and return it: the server hangs up whenever it gets it."""
        with self._changed:
            self.rejected += 1
            self._given_up += 1
            frame = self._again.popleft()
            if self._journal is not None:
                self._journal.acknowledge(Stream.EVENTS, 1)
            self._changed.notify_all()
            return frame

    def peek(self, most: int) -> list[bytes]:
        """Return the oldest events that are to be sent again."""
        return list(islice(self._again, most))


def to_json(event: Mapping[str, Json]) -> bytes | None:
    """Return an event as JSON, foreign values as text; None if it has no JSON form (it contains itself)."""
    try:
        return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        try:
            return json.dumps(event, default=str).encode()
        except (TypeError, ValueError, RecursionError):
            return None
