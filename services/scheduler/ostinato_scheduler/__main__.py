"""`python -m ostinato_scheduler`: the loops in a process of their own, until SIGINT or SIGTERM."""

import asyncio
import signal
import sys

from ostinato_core.db.open import open_database
from ostinato_core.db.revision import wait_for_revision
from ostinato_core.errors import Fact
from ostinato_core.settings import ServerSettings, server_settings
from ostinato_scheduler.loop import running
from ostinato_scheduler.loops import enabled_loops


async def serve(settings: ServerSettings) -> None:
    """Run all loops until told to stop. Errors: a fact of the database where it cannot be used."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    database = open_database(settings)
    try:
        await wait_for_revision(database)
        async with running(enabled_loops(database, settings), settings):
            await stopped.wait()
    finally:
        await database.close()


def main() -> int:
    """Return the exit code."""
    try:
        asyncio.run(serve(server_settings()))
    except Fact as fact:
        sys.stderr.write(f"{fact}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
