"""Wake-ups and fan-out between processes, over the publish/subscribe of Redis (or Valkey).

Nothing is kept in Redis: no key, no stream, no consumer group, so its memory stays as it is. What is published while it
is away is lost, as the ports allow; listeners look by themselves now and then, and are woken when it is back.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Final, Self

import orjson

from ostinato_core.coordination.memory import MemoryFanOut, MemoryWakeUps
from ostinato_core.coordination.ports import Feed, WakeUp
from ostinato_core.coordination.redis_client import FAILURES, Subscription, connect
from ostinato_core.ids import new_id

logger = logging.getLogger("ostinato.server.coordination")

CHANNEL: Final = "ostinato"
"""The channel that every process listens to: wake-ups, and who follows which topic."""
ANNOUNCE_EVERY: Final = 5.0
"""Seconds between announcements of the topics that a process follows."""
INTEREST_LASTS: Final = 3 * ANNOUNCE_EVERY
"""Seconds for which an announcement is believed."""
MOST_WAITING: Final = 1024
"""Messages that wait to be sent, at most; further ones are lost."""
GATHER: Final = 0.01
"""Seconds after each message in which what is told is gathered for the next one: who tells seldom is heard at once, and
under load neither senders nor listeners are busy with a message for each commit."""
BACK_OFF: Final = (0.1, 0.5, 1.0, 2.0, 5.0)
"""Seconds between attempts to reach Redis; the last one again and again."""


class RedisRelay:
    """One process's place among the others: what it tells them, and what it hears; `async with` starts and stops it.

    As `WakeUps` and as `FanOut` it serves the listeners of its own process at once, and the others through Redis. To be
    used from the event loop's thread only.
    """

    def __init__(self, url: str) -> None:
        """Prepare to use a Redis: `redis://[user:password@]host:port/database`, `rediss://` or `unix://`."""
        self.lost = 0
        self._me = str(new_id())
        self._redis = connect(url)
        self._wake_ups = MemoryWakeUps()
        self._fan_out = MemoryFanOut()
        self._followed: dict[str, int] = {}
        self._interest: dict[str, float] = {}
        self._topics: set[str] = set()
        self._messages: deque[tuple[str, bytes]] = deque()
        self._something = asyncio.Event()
        self._changed = asyncio.Event()
        self._subscription: Subscription | None = None
        self._subscribed: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._reach = _Reach()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for work in (self._send, self._hear, self._announce):
            self._tasks.append(loop.create_task(self._for_ever(work), name=f"redis-{work.__name__.strip('_')}"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pending = set(self._tasks)
        while pending:
            for task in pending:
                # The client swallows a cancellation that comes while it connects, so one may not be enough.
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=0.1)
        with contextlib.suppress(*FAILURES):
            await self._redis.aclose()

    def notify(self, topic: str) -> None:
        """Wake all who wait for the topic."""
        self._wake_ups.notify(topic)
        self._topics.add(topic)
        self._something.set()

    def listen(self, topic: str) -> AbstractContextManager[WakeUp]:
        """Listen to the topic while the context is open."""
        return self._wake_ups.listen(topic)

    def publish(self, topic: str, make: Callable[[], bytes]) -> None:
        """Pass a message on; `make` is only called where somebody may listen."""
        if self._interest.get(topic, 0.0) < time.monotonic():
            self._fan_out.publish(topic, make)
            return
        message = make()
        self._fan_out.publish(topic, lambda: message)
        if len(self._messages) >= MOST_WAITING:
            self.lost += 1
            return
        self._messages.append((topic, message))
        self._something.set()

    @contextmanager
    def follow(self, topic: str, most: int) -> Generator[Feed]:
        """Listen to the topic while the context is open; at most `most` messages wait."""
        self._followed[topic] = self._followed.get(topic, 0) + 1
        self._changed.set()
        try:
            with self._fan_out.follow(topic, most) as feed:
                yield feed
        finally:
            self._followed[topic] -= 1
            if not self._followed[topic]:
                del self._followed[topic]
            self._changed.set()

    async def _send(self) -> None:
        """Send what waits. What cannot be sent now is lost, but the wake-ups: they are sent when Redis is back."""
        while True:
            await self._something.wait()
            self._something.clear()
            topics, self._topics = self._topics, set()
            messages, self._messages = self._messages, deque()
            try:
                async with self._redis.pipeline(transaction=False) as pipeline:
                    if topics:
                        pipeline.publish(CHANNEL, self._word(wake=sorted(topics)))
                    for topic, message in messages:
                        pipeline.publish(f"{CHANNEL}:{topic}", self._me.encode() + message)
                    await pipeline.execute()
                self._reach.found("send")
            except FAILURES:
                self.lost += len(messages)
                self._topics |= topics
                self._something.set()
                raise
            await asyncio.sleep(GATHER)

    async def _announce(self) -> None:
        """Tell the others what is followed here: at once when that changes, and now and then."""
        while True:
            await self._subscribe()
            await self._redis.publish(CHANNEL, self._word(follow=sorted(self._followed)))
            self._reach.found("announce")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANNOUNCE_EVERY):
                    await self._changed.wait()
            self._changed.clear()

    async def _subscribe(self) -> None:
        """Hear the topics that are followed now, and no others."""
        if self._subscription is None:
            return
        wanted = {f"{CHANNEL}:{topic}" for topic in self._followed}
        before, self._subscribed = self._subscribed, wanted
        if added := wanted - before:
            await self._subscription.subscribe(*added)
        if gone := before - wanted:
            await self._subscription.unsubscribe(*gone)

    def _word(self, **said: list[str]) -> bytes:
        return orjson.dumps({"from": self._me, **said})

    async def _hear(self) -> None:
        """Hear what the others say. Who listens here may have missed something before, so all of them are woken."""
        async with self._redis.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(CHANNEL)
            self._reach.found("hear")
            self._subscription, self._subscribed = subscription, set()
            self._changed.set()
            self._wake_ups.notify_all()
            heard = time.monotonic()
            try:
                while True:
                    message = await subscription.get_message(timeout=ANNOUNCE_EVERY)
                    now = time.monotonic()
                    if message is not None:
                        heard = now
                        self._take(message["channel"].decode(), message["data"])
                    elif now - heard > INTEREST_LASTS:
                        # Not even this process's own announcements come back: the connection is dead.
                        raise TimeoutError
            finally:
                self._subscription = None

    def _take(self, channel: str, data: bytes) -> None:
        if channel != CHANNEL:
            sender, message = data[: len(self._me)], data[len(self._me) :]
            if sender != self._me.encode():
                self._fan_out.publish(channel.removeprefix(f"{CHANNEL}:"), lambda: message)
            return
        word = orjson.loads(data)
        if word["from"] == self._me:
            return
        for topic in word.get("wake", ()):
            self._wake_ups.notify(topic)
        until = time.monotonic() + INTEREST_LASTS
        self._interest.update(dict.fromkeys(word.get("follow", ()), until))

    async def _for_ever(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do a work that never ends by itself, again whenever Redis was away."""
        failed = 0
        while True:
            began = time.monotonic()
            try:
                await work()
            except FAILURES as error:
                if time.monotonic() - began > INTEREST_LASTS:
                    failed = 0
                self._reach.lost(work.__name__.strip("_"), error)
                await asyncio.sleep(BACK_OFF[min(failed, len(BACK_OFF) - 1)])
                failed += 1


class _Reach:
    """Whether Redis is there, as each work finds it: an outage is told once, and its end when no work misses Redis.

    A work that fails once has met a connection of before, which is no outage: the next attempt makes a new one.
    """

    def __init__(self) -> None:
        self._failed: set[str] = set()
        self._missed_by: set[str] = set()

    def lost(self, work: str, error: Exception) -> None:
        """A work has failed for want of Redis."""
        if work not in self._failed:
            self._failed.add(work)
            return
        if not self._missed_by:
            logger.warning("Redis cannot be reached (%s); wake-ups are late until it is back.", type(error).__name__)
        self._missed_by.add(work)

    def found(self, work: str) -> None:
        """A work has reached Redis."""
        self._failed.discard(work)
        if work in self._missed_by:
            self._missed_by.remove(work)
            if not self._missed_by:
                logger.warning("Redis is back; wake-ups arrive at once again.")
