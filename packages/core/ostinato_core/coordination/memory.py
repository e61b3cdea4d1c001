"""Wake-ups within one process: a signal of its event loop."""

import asyncio
from collections import defaultdict
from collections.abc import Generator
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

    @contextmanager
    def listen(self, topic: str) -> Generator[MemoryWakeUp, None, None]:
        """Listen to the topic while the context is open."""
        listener = MemoryWakeUp()
        self._listeners[topic].add(listener)
        try:
            yield listener
        finally:
            self._listeners[topic].discard(listener)
