"""Wake-ups and fan-out between processes through a real Redis, also when it goes away and comes back."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest
from redis import Redis

from ostinato_core.coordination import coordinated, wake_ups
from ostinato_core.coordination.memory import MemoryWakeUps
from ostinato_core.coordination.ports import Feed, WakeUp
from ostinato_core.coordination.redis import GATHER, MOST_WAITING, RedisRelay
from ostinato_core.settings import ServerSettings
from tests.support.redis import RedisServer


@pytest.fixture
async def here(redis: RedisServer) -> AsyncIterator[RedisRelay]:
    """One process's relay."""
    async with RedisRelay(redis.url) as relay:
        yield relay


@pytest.fixture
async def there(redis: RedisServer) -> AsyncIterator[RedisRelay]:
    """Another process's relay."""
    async with RedisRelay(redis.url) as relay:
        yield relay


async def _woken_by(wake_up: WakeUp, notify: Callable[[], None]) -> None:
    """Notify until it arrives: the other side may not be listening yet."""
    for _ in range(100):
        notify()
        if await wake_up.wait(0.1):
            return
    raise AssertionError("never woken")


async def _reaches(feed: Feed, publish: Callable[[], None]) -> bytes:
    for _ in range(100):
        publish()
        try:
            return await asyncio.wait_for(feed.next(), 0.1)
        except TimeoutError:
            continue
    raise AssertionError("nothing arrived")


async def test_other_process_is_woken(here: RedisRelay, there: RedisRelay) -> None:
    with there.listen("events") as far, there.listen("other") as other:
        # Who connects is woken once, for what it may have missed.
        assert await other.wait(10)
        await _woken_by(far, lambda: here.notify("events"))
        assert not await other.wait(0)


def _published(redis: RedisServer) -> int:
    with Redis(port=redis.port) as client:
        stats: dict[str, dict[str, int]] = client.info("commandstats")  # pyright: ignore - its answers are not typed
    return stats.get("cmdstat_publish", {}).get("calls", 0)


async def test_who_tells_often_sends_few_messages(redis: RedisServer, here: RedisRelay, there: RedisRelay) -> None:
    with there.listen("events") as far:
        await _woken_by(far, lambda: here.notify("events"))
        before, began = _published(redis), time.monotonic()
        for _ in range(300):
            here.notify("events")
            await asyncio.sleep(0.001)
        assert await far.wait(10)
        # One at once and one each moment after; what else is said is that both processes are there.
        assert _published(redis) - before <= (time.monotonic() - began) / GATHER + 10


async def test_own_process_is_woken_without_redis(redis: RedisServer, here: RedisRelay) -> None:
    redis.kill()
    with here.listen("events") as near:
        here.notify("events")
        assert await near.wait(0.5)


async def test_message_reaches_who_follows_in_another_process(here: RedisRelay, there: RedisRelay) -> None:
    with there.follow("logs", 10) as feed, here.follow("logs", 10) as own:
        assert await _reaches(feed, lambda: here.publish("logs", lambda: b"line")) == b"line"
        # One's own process gets it once: not again through Redis.
        assert await own.next() == b"line"


async def test_message_that_nobody_follows_is_not_even_made(here: RedisRelay, there: RedisRelay) -> None:
    made: list[bool] = []

    def make() -> bytes:
        made.append(True)
        return b"line"

    with there.follow("other", 10) as feed:
        await _reaches(feed, lambda: here.publish("other", lambda: b"x"))
        here.publish("logs", make)
    assert not made


async def test_wake_ups_arrive_after_redis_was_away(redis: RedisServer, here: RedisRelay, there: RedisRelay) -> None:
    with there.listen("events") as far:
        await _woken_by(far, lambda: here.notify("events"))
        redis.kill()
        here.notify("events")
        redis.start()
        # Told while it was away: it is made good for, at the latest by the connection that is back.
        assert await far.wait(20)
        await _woken_by(far, lambda: here.notify("events"))


async def _logged(caplog: pytest.LogCaptureFixture, expected: list[str]) -> None:
    """Wait until so many lines are logged, and look whether they begin as expected."""
    for _ in range(2000):
        if len(caplog.messages) >= len(expected):
            break
        await asyncio.sleep(0.01)
    assert [line.partition(";")[0].partition(" (")[0] for line in caplog.messages] == expected


async def test_an_outage_is_logged_once_and_so_is_its_end(
    redis: RedisServer, here: RedisRelay, caplog: pytest.LogCaptureFixture
) -> None:
    away, back = "Redis cannot be reached", "Redis is back"
    with here.listen("events") as own:
        assert await own.wait(10)  # it hears Redis
    for before in ([], [away, back]):
        redis.kill()
        # All that it does with Redis fails: it hears, it sends, and it announces what is followed.
        here.notify("events")
        with here.follow("logs", 10):
            await _logged(caplog, [*before, away])
            redis.start()
            await _logged(caplog, [*before, away, back])


async def test_messages_while_redis_is_away_do_not_pile_up(
    redis: RedisServer, here: RedisRelay, there: RedisRelay
) -> None:
    with there.follow("logs", 10) as feed:
        await _reaches(feed, lambda: here.publish("logs", lambda: b"line"))
        redis.kill()
        for _ in range(3 * MOST_WAITING):
            here.publish("logs", lambda: b"line")
        assert here.lost >= 2 * MOST_WAITING
        redis.start()
        assert await _reaches(feed, lambda: here.publish("logs", lambda: b"again")) in {b"line", b"again"}


async def test_nothing_is_kept_in_redis(redis: RedisServer, here: RedisRelay, there: RedisRelay) -> None:
    with there.follow("logs", 10) as feed:
        await _reaches(feed, lambda: here.publish("logs", lambda: b"line"))
        with Redis(port=redis.port) as client:
            assert client.keys("*") == []  # pyright: ignore[reportUnknownMemberType] - its keywords are not typed


async def test_process_uses_redis_while_its_settings_name_one(redis: RedisServer) -> None:
    settings = ServerSettings.model_validate({"redis_url": redis.url})
    async with coordinated(settings):
        assert isinstance(wake_ups(), RedisRelay)
    assert isinstance(wake_ups(), MemoryWakeUps)
    async with coordinated(ServerSettings()):
        assert isinstance(wake_ups(), MemoryWakeUps)
