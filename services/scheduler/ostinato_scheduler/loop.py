"""What a loop is, and the runner that gives it jitter, patience with failures, a record of its doings, and an end."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

from ostinato_core.json_log import log_fields
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database

logger = logging.getLogger("ostinato.server.loops")

JITTER: Final = 0.1
"""Part of the period by which a tick may come early or late, so that replicas do not march in step."""
STOP_WITHIN: Final = 1.0
"""Seconds that a tick under way gets to finish."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a tick has done: so many things, the oldest of which had waited `lag` seconds; is there `more` at once?

    `whole`: it was all of something that takes one tick or several. A part that went well makes up for no failure.
    """

    done: int = 0
    more: bool = False
    lag: float = 0.0
    whole: bool = True


class Loop(Protocol):
    """One kind of background work. Ticks are short, and safe when several processes run them."""

    name: str
    """What people call it, as `mark-late-runs`."""
    setting: str
    """Its settings are `<setting>_enabled` and `<setting>_every`."""
    description: str
    """What it does, in a line."""

    def __init__(self, database: Database, settings: ServerSettings) -> None: ...

    async def tick(self) -> Work:
        """Do one batch of the work, of all workspaces."""
        ...


@dataclass(slots=True)
class Record:
    """What is known of a loop that runs; times are those of `time.monotonic`."""

    loop: Loop
    every: timedelta
    began: float | None = None
    """When the tick under way began, if one is."""
    ended: float = field(default_factory=time.monotonic)
    """When the last tick ended, or the loop was started."""
    ticks: int = 0
    failures: int = 0
    """Ticks that failed, of all."""
    failed_in_a_row: int = 0
    done: int = 0
    lag: float = 0.0
    task: asyncio.Task[None] | None = None
    """What ticks; ended only where the loop was stopped, or is broken."""


@asynccontextmanager
async def running(loops: Sequence[Loop], settings: ServerSettings) -> AsyncGenerator[Sequence[Record]]:
    """Run loops in the background for as long as the block lasts; their records tell how they fare."""
    stop = asyncio.Event()
    records = [Record(loop, period(loop, settings)) for loop in loops]
    for record in records:
        record.task = asyncio.create_task(run(record, stop), name=record.loop.name)
    try:
        yield records
    finally:
        stop.set()
        await _end([record.task for record in records if record.task is not None])


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Wait for loops to end, then cut off those that do not; one that takes no note of it is left behind."""
    waiting: Iterable[asyncio.Task[None]] = tasks
    for _ in range(2):
        if waiting:
            _, waiting = await asyncio.wait(waiting, timeout=STOP_WITHIN)
        for task in waiting:
            task.cancel()
    for task in waiting:
        logger.error("The loop %s does not end.", task.get_name())


def period(loop: Loop | type[Loop], settings: ServerSettings) -> timedelta:
    """Return the time from one tick of a loop to the next, as the settings have it."""
    return timedelta(seconds=getattr(settings, f"{loop.setting}_every"))


async def run(record: Record, stop: asyncio.Event) -> None:
    """Tick until `stop` is set. A failing tick is logged and tried again after the loop's period."""
    with log_fields(loop=record.loop.name):
        while not stop.is_set():
            if not await _tick(record):
                pause = record.every.total_seconds() * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await stop.wait()


async def _tick(record: Record) -> bool:
    """Do one tick, write down how it went, and return whether there is more to do at once."""
    record.began = time.monotonic()
    work = Work()
    try:
        work = await record.loop.tick()
        if work.whole:
            record.failed_in_a_row = 0
    except Exception:
        record.failures += 1
        record.failed_in_a_row += 1
        logger.exception("The loop %s failed; it goes on in %s.", record.loop.name, record.every)
    record.began, record.ended = None, time.monotonic()
    record.ticks += 1
    record.done += work.done
    record.lag = work.lag
    return work.more
