"""What a loop is, and the runner that gives it jitter, patience with failures, a record of its doings, and an end."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Coroutine, Iterable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol, runtime_checkable

from ostinato_core.coordination import WakeUp, wake_ups
from ostinato_core.json_log import log_fields
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database

logger = logging.getLogger("ostinato.server.loops")

JITTER: Final = 0.1
"""Part of the period by which a tick may come early or late, so that replicas do not march in step."""
GATHER: Final = 0.01
"""Seconds between two ticks that wake-ups bring, at least, so that what comes in great numbers is done in batches."""
SOONEST: Final = 0.05
"""Seconds after which a loop that was woken, or had something to do, looks again; doubled up to its period while it
finds nothing: on Postgres what was told of shows only when all transactions that began before have ended.
"""
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
    """One kind of background work. Ticks are short, and safe when several processes run them. See also `Woken`."""

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


@runtime_checkable
class Woken(Protocol):
    """A loop that does not wait its period where somebody tells that there is something to do."""

    wakes_on: str
    """The topic of the wake-ups."""


@runtime_checkable
class Closing(Protocol):
    """A loop that goes on with something between its ticks."""

    async def close(self) -> None:
        """Bring that to an end, within a few seconds; there are no more ticks."""
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
        await asyncio.gather(*(loop.close() for loop in loops if isinstance(loop, Closing)))


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
    with log_fields(loop=record.loop.name), _listen(record.loop) as wake_up:
        pauses = _Pauses(record, stop, wake_up)
        while not stop.is_set():
            if not await _tick(record):
                await pauses.wait()


def _listen(loop: Loop) -> AbstractContextManager[WakeUp | None]:
    return wake_ups().listen(loop.wakes_on) if isinstance(loop, Woken) else nullcontext()


class _Pauses:
    """What a loop does between its ticks: wait for its period, for a wake-up or for its end."""

    def __init__(self, record: Record, stop: asyncio.Event, wake_up: WakeUp | None) -> None:
        self._record = record
        self._stop = stop
        self._wake_up = wake_up
        self._seconds = SOONEST
        self._done = 0

    async def wait(self) -> None:
        """Wait until the next tick is due."""
        every = self._record.every.total_seconds() * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
        if self._wake_up is None or self._record.failed_in_a_row:
            await _any_of(every, self._stop.wait())
            return
        has_found, self._done = self._record.done > self._done, self._record.done
        self._seconds = SOONEST if has_found else self._seconds * 2
        pause = min(self._seconds, every)
        if await _any_of(pause, self._wake_up.wait(pause), self._stop.wait()) and not self._stop.is_set():
            self._seconds = SOONEST
            await asyncio.sleep(GATHER - (time.monotonic() - self._record.ended))


async def _any_of(seconds: float, *events: Coroutine[None, None, bool]) -> bool:
    """Wait for the first of some events, but no longer than so many seconds; return whether one has come."""
    waiting = [asyncio.ensure_future(event) for event in events]
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
    return any(each.result() for each in done)


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
