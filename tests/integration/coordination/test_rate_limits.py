"""Processes count the requests of clients together, as long as there is a Redis."""

from collections.abc import AsyncIterator

import pytest
from redis import Redis

from ostinato_core.coordination.ports import RateLimits
from ostinato_core.coordination.rate_limits import KEY, MemoryRateLimits, rate_limits
from ostinato_core.settings import ServerSettings
from tests.support.redis import RedisServer

RATE = 3


def settings_of(redis: RedisServer | None) -> ServerSettings:
    return ServerSettings.model_validate({"redis_url": redis and redis.url})


@pytest.fixture
async def here(redis: RedisServer) -> AsyncIterator[RateLimits]:
    """One process's limits."""
    async with rate_limits(settings_of(redis), RATE) as limits:
        assert limits is not None
        yield limits


@pytest.fixture
async def there(redis: RedisServer) -> AsyncIterator[RateLimits]:
    """Another process's limits."""
    async with rate_limits(settings_of(redis), RATE) as limits:
        assert limits is not None
        yield limits


async def test_processes_share_the_bucket_of_a_client(here: RateLimits, there: RateLimits) -> None:
    waits = [await each.take("192.0.2.1") for each in (here, there, here, there, here)]
    assert waits[:3] == [0, 0, 0]
    assert all(0 < wait <= 60 / RATE for wait in waits[3:])
    assert await there.take("192.0.2.2") == 0


async def test_bucket_is_forgotten_when_it_is_full_again(redis: RedisServer, here: RateLimits) -> None:
    await here.take("192.0.2.1")
    with Redis(port=redis.port) as client:
        assert 0 < client.pttl(KEY + "192.0.2.1") <= 60_000 / RATE


async def test_each_process_counts_while_redis_is_away(redis: RedisServer, here: RateLimits, there: RateLimits) -> None:
    await here.take("192.0.2.1")
    redis.kill()
    for each in (here, there):
        waits = [await each.take("192.0.2.1") for _ in range(RATE + 1)]
        assert waits[:RATE] == [0] * RATE
        assert waits[RATE] > 0


async def test_settings_say_who_counts() -> None:
    async with rate_limits(settings_of(None), RATE) as limits:
        assert isinstance(limits, MemoryRateLimits)
    async with rate_limits(settings_of(None), 0) as limits:
        assert limits is None
