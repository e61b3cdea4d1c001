"""The loops in a process of their own, without the API, until SIGINT or SIGTERM."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from ostinato_core.coordination import coordinated
from ostinato_core.db.open import open_database
from ostinato_core.db.revision import wait_for_revision
from ostinato_core.processes.register import registered
from ostinato_core.settings import ServerSettings
from ostinato_scheduler.listener import listening
from ostinato_scheduler.loop import Loop, running
from ostinato_scheduler.loops import LOOPS, enabled_loops

CLOSES_WITHIN: Final = 3.0
"""Seconds that the database gets to finish what a loop left behind that had to be cut off."""


async def serve(
    settings: ServerSettings, *, loops: Sequence[type[Loop]] = LOOPS, announce: Callable[[], None] | None = None
) -> None:
    """Run those loops that the settings let run until told to stop; `announce` is called once they do.

    Errors: a fact of the database where it cannot be used; Unavailable where the health port is taken.
    """
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    database = open_database(settings)
    try:
        if not await _unless(stopped, wait_for_revision(database)):
            return
        made = enabled_loops(database, settings, loops)
        async with (
            registered(database, settings, "scheduler"),
            coordinated(settings),
            running(made, settings) as records,
            listening(records, database, settings),
        ):
            if announce is not None:
                announce()
            await stopped.wait()
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSES_WITHIN):
                await database.close()


async def _unless(stopped: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:  # Any: what coroutines pass on
    """Do the work, but give it up when told to stop; return whether it is done. Errors: as the work."""
    doing, waiting = asyncio.create_task(work), asyncio.create_task(stopped.wait())
    await asyncio.wait((doing, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not doing.done():
        doing.cancel()
        await asyncio.wait((doing,), timeout=CLOSES_WITHIN)
        return False
    await doing
    return True
