"""What a loop is, and the runner that gives it jitter, patience with failures, and an end."""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Protocol

logger = logging.getLogger("ostinato.server.loops")

JITTER = 0.1
"""Part of the period by which a tick may come early or late, so that replicas do not march in step."""
STOP_WITHIN = 1.0
"""Seconds that a tick under way gets to finish."""


class Loop(Protocol):
    """One kind of background work. Ticks are short, and safe when several processes run them."""

    name: str
    every: timedelta

    async def tick(self) -> bool:
        """Do one batch; return whether there is more to do at once."""
        ...


@asynccontextmanager
async def running(loops: Sequence[Loop]) -> AsyncGenerator[None]:
    """Run loops in the background for as long as the block lasts."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(run(loop, stop), name=loop.name) for loop in loops]
    try:
        yield
    finally:
        stop.set()
        _, late = await asyncio.wait(tasks, timeout=STOP_WITHIN) if tasks else ((), set[asyncio.Task[None]]())
        for task in late:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def run(loop: Loop, stop: asyncio.Event) -> None:
    """Tick until `stop` is set. A failing tick is logged and tried again after the loop's period."""
    while not stop.is_set():
        more = False
        try:
            more = await loop.tick()
        except Exception:
            logger.exception("The loop %s failed; it goes on in %s.", loop.name, loop.every)
        if not more:
            pause = loop.every.total_seconds() * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
