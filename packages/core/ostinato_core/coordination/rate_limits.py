"""How many requests a client may send: a bucket each, which holds a minute's worth and fills up evenly."""

import asyncio
import contextlib
import logging
import math
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator
from typing import Final

from ostinato_core.coordination.ports import RateLimits
from ostinato_core.settings import ServerSettings

logger = logging.getLogger("ostinato.server.coordination")

MINUTE: Final = 60.0
MOST_KNOWN: Final = 10_000
"""Clients that a process keeps in mind, at most; those that it forgets have a full bucket."""
PATIENCE: Final = 0.25
"""Seconds that Redis has for an answer while a client waits for its own."""
AGAIN_AFTER: Final = 5.0
"""Seconds for which a process counts by itself after Redis was not to be had."""
KEY: Final = "ostinato:rate:"
_ROUNDING: Final = 1e-6

# The same as `take_one`, by the clock of Redis. A bucket that is full again needs no key.
_TAKE_ONE: Final = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local full_at = tonumber(redis.call('GET', KEYS[1]) or '0')
local full_again = math.max(full_at, now) + 60 / ARGV[1]
local wait = full_again - now - 60
if wait > 0.000001 then return tostring(wait) end
redis.call('SET', KEYS[1], string.format('%.6f', full_again), 'PX', math.ceil((full_again - now) * 1000))
return '0'
"""


def take_one(full_at: float, now: float, rate: int) -> tuple[float, float]:
    """Take one request out of a bucket of `rate` a minute that is full at `full_at`.

    Returns when it is full after that, and the seconds after which to ask again: 0 where one was to be had.
    """
    full_again = max(full_at, now) + MINUTE / rate
    wait = full_again - now - MINUTE
    return (full_at, wait) if wait > _ROUNDING else (full_again, 0.0)


class MemoryRateLimits:
    """The buckets of one process."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._full_at: OrderedDict[str, float] = OrderedDict()

    async def take(self, who: str) -> float:
        """Take one request of a client; return the seconds after which to ask again, 0 where there was one."""
        full_at, wait = take_one(self._full_at.get(who, -math.inf), time.monotonic(), self._rate)
        self._full_at[who] = full_at
        self._full_at.move_to_end(who)
        if len(self._full_at) > MOST_KNOWN:
            self._full_at.popitem(last=False)
        return wait


class RedisRateLimits:
    """Buckets that processes share. While Redis is away each process has its own."""

    def __init__(self, url: str, rate: int) -> None:
        from ostinato_core.coordination.redis_client import FAILURES, connect  # here: see `coordinated`

        self._redis = connect(url, at_once=16)
        self._failures = FAILURES
        self._rate = rate
        self._own = MemoryRateLimits(rate)
        self._alone_until = 0.0

    async def take(self, who: str) -> float:
        """As `MemoryRateLimits.take`."""
        if time.monotonic() >= self._alone_until:
            try:
                async with asyncio.timeout(PATIENCE):
                    return float(await self._redis.eval(_TAKE_ONE, 1, KEY + who, self._rate))
            except self._failures as error:
                self._alone_until = time.monotonic() + AGAIN_AFTER
                logger.warning("Redis does not count requests (%s); each process does.", type(error).__name__)
        return await self._own.take(who)

    async def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(*self._failures):
            await self._redis.aclose()


@contextlib.asynccontextmanager
async def rate_limits(settings: ServerSettings, rate: int) -> AsyncGenerator[RateLimits | None]:
    """Yield buckets of `rate` requests a minute, as the settings have processes coordinate; None for a rate of 0."""
    if rate == 0:
        yield None
    elif settings.redis_url is None:
        yield MemoryRateLimits(rate)
    else:
        shared = RedisRateLimits(settings.redis_url.get_secret_value(), rate)
        try:
            yield shared
        finally:
            await shared.close()
