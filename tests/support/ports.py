"""Free ports and waiting for conditions: the two things every test with a real process needs."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def wait_until(
    condition: Callable[[], Awaitable[T]], *, seconds: float = 10.0, every: float = 0.02, what: str = "the condition"
) -> T:
    """Await `condition` until its answer is truthy and return that answer.

    Raises `TimeoutError` naming `what` and the last answer after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = await condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not hold within {seconds} s; the last answer was {answer!r}")
        await asyncio.sleep(every)
