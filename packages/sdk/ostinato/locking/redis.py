"""Locks among machines that share a Redis, or a Valkey: `pip install ostinato[redis]`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ostinato.locking.polling import PollingLockManager

if TYPE_CHECKING:
    from redis import Redis

# Any below: arguments of a constructor, and what Redis answers.

TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then redis.call('DEL', KEYS[1])
elseif ARGV[2] == '' then redis.call('SET', KEYS[1], ARGV[1])
else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1
"""
RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""
"""Both are one step for Redis: nobody can come in between looking and changing."""

TIMEOUT_SECONDS = 10.0
"""How long an answer may take; then redis.exceptions.TimeoutError is raised."""


class RedisLockManager(PollingLockManager):
    """Keeps each lock as a key of Redis. Without a `hold_timeout` the lock of a process that died stays.

    The server is named by `url` (`redis://user:password@host:6379/0`, `rediss://` for TLS), or by its members.
    """

    is_remote = True

    def __init__(
        self,
        host: str = "localhost",
        port: int = 6379,
        db: int = 0,
        username: str | None = None,
        password: str | None = None,
        ssl: bool = False,
        *,
        url: str | None = None,
        prefix: str = "lock:",
    ) -> None:
        members: dict[str, Any] = {
            "host": host, "port": port, "db": db, "username": username, "password": password, "ssl": ssl,
        }  # fmt: skip
        self._options: dict[str, Any] = {"url": url, "prefix": prefix, **members}
        self._prefix = prefix
        self._client = _connect(url, members)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RedisLockManager) and self._options == other._options

    def __hash__(self) -> int:
        return hash(tuple(self._options.items()))

    def __getstate__(self) -> dict[str, Any]:
        return self._options  # a policy travels with its task to other processes; connections do not

    def __setstate__(self, options: dict[str, Any]) -> None:
        self.__init__(**options)

    def try_acquire(self, key: str, holder: str, hold_timeout: float | None) -> bool:
        """Take the lock if it is free or `holder` has it already; whether `holder` has it now."""
        milliseconds = "" if hold_timeout is None else str(math.ceil(hold_timeout * 1000))
        return bool(self._client.eval(TAKE, 1, self._prefix + key, holder, milliseconds))

    def release_lock(self, key: str, holder: str) -> None:
        """Give the lock back. Raises ValueError if `holder` does not have it."""
        if not self._client.eval(RELEASE, 1, self._prefix + key, holder):
            raise ValueError(f"{holder!r} does not hold the lock of {key!r}.")

    def holder_of(self, key: str) -> str | None:
        """Return who has the lock; None if it is free."""
        found: Any = self._client.get(self._prefix + key)
        return None if found is None else str(found)


def _connect(url: str | None, members: dict[str, Any]) -> Redis:
    try:
        from redis import Redis
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("Locks in Redis need its client: pip install ostinato[redis]") from error

    options: dict[str, Any] = {
        "decode_responses": True, "socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS,
    }  # fmt: skip
    if url is None:
        return Redis(**members, **options)
    return Redis.from_url(url, **options)  # pyright: ignore[reportUnknownMemberType] - it takes keywords of any kind
