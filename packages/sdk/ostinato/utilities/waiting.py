"""Waiting for no longer than so long, and while something else goes on."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait until the event is set, for so many seconds at most; return whether it is."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:  # Any: what coroutines pass on
    """Do `work` beside the block; the end of the block ends it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await end_all([task])


async def end_all(tasks: Iterable[asyncio.Task[Any]]) -> None:  # Any: what they return is of no interest
    """Cancel tasks, and wait until they have ended."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
