"""Wake-ups and fan-out within one process: signals and bounded queues of its event loop."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress


class MemoryWakeUp:
    """See `WakeUp`."""

    def __init__(self) -> None:
        self.signal = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Return True once woken since the last wait, False after `seconds` without it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.signal.wait()
        woken = self.signal.is_set()
        self.signal.clear()
        return woken


class MemoryWakeUps:
    """See `WakeUps`. To be used from the event loop's thread only."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[MemoryWakeUp]] = defaultdict(set)

    def notify(self, topic: str) -> None:
        """Wake all who wait for the topic."""
        for listener in self._listeners.get(topic, ()):
            listener.signal.set()

    def notify_all(self) -> None:
        """Wake all who wait for whatever topic."""
        for topic in self._listeners:
            self.notify(topic)

    @contextmanager
    def listen(self, topic: str) -> Generator[MemoryWakeUp, None, None]:
        """Listen to the topic while the context is open."""
        listener = MemoryWakeUp()
        self._listeners[topic].add(listener)
        try:
            yield listener
        finally:
            self._listeners[topic].discard(listener)


class MemoryFeed:
    """See `Feed`."""

    def __init__(self, most: int) -> None:
        self.lost = 0
        self._most = most
        self._waiting: deque[bytes] = deque()
        self._filled = asyncio.Event()

    def put(self, message: bytes) -> None:
        """Add a message, or count it as lost where too many wait."""
        if len(self._waiting) >= self._most:
            self.lost += 1
            return
        self._waiting.append(message)
        self._filled.set()

    async def next(self) -> bytes:
        """Return the next message; waits for it."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        return self._waiting.popleft()


class MemoryFanOut:
    """See `FanOut`. To be used from the event loop's thread only."""

    def __init__(self) -> None:
        self._feeds: defaultdict[str, set[MemoryFeed]] = defaultdict(set)

    def publish(self, topic: str, make: Callable[[], bytes]) -> None:
        """Pass a message on to all who listen."""
        if feeds := self._feeds.get(topic):
            message = make()
            for feed in feeds:
                feed.put(message)

    @contextmanager
    def follow(self, topic: str, most: int) -> Generator[MemoryFeed, None, None]:
        """Listen to the topic while the context is open."""
        feed = MemoryFeed(most)
        self._feeds[topic].add(feed)
        try:
            yield feed
        finally:
            self._feeds[topic].discard(feed)
