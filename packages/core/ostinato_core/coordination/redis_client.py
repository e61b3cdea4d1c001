"""What of the Redis client is used, with types: the client's own are unknown in part."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

PATIENCE: Final = 5.0
"""Seconds for connecting, and for an answer."""

FAILURES: Final = (RedisError, OSError, TimeoutError)
"""What is raised where Redis is away."""


class Pipeline(Protocol):
    """Commands that are sent together."""

    def publish(self, channel: str, message: bytes) -> object: ...
    async def execute(self) -> list[object]: ...


class Subscription(Protocol):
    """The channels that are listened to."""

    async def subscribe(self, *channels: str) -> None: ...
    async def unsubscribe(self, *channels: str) -> None: ...
    async def get_message(self, *, timeout: float) -> dict[str, bytes] | None: ...  # noqa: ASYNC109 - as the client has it


class Client(Protocol):
    """A pool of connections to one Redis."""

    async def publish(self, channel: str, message: bytes) -> int: ...
    def pipeline(self, transaction: bool) -> AbstractAsyncContextManager[Pipeline]: ...
    def pubsub(self, *, ignore_subscribe_messages: bool) -> AbstractAsyncContextManager[Subscription]: ...
    async def eval(self, script: str, number_of_keys: int, *keys_and_arguments: str | int) -> bytes: ...
    async def aclose(self) -> None: ...


def connect(url: str, *, at_once: int = 8) -> Client:
    """Return a client that connects when it is used, `at_once` times at most: further users wait for a connection.

    Errors: ValueError for a URL that is none.
    """
    # Its keywords are not typed.
    make: Any = BlockingConnectionPool.from_url  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    pool = make(
        url, max_connections=at_once, timeout=PATIENCE, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE
    )
    return cast("Client", Redis.from_pool(pool))
