"""Knowing in each process, without asking the database for each request, whether there is maintenance."""

import asyncio
from types import TracebackType
from typing import Final, Self

from sqlalchemy.exc import SQLAlchemyError

from ostinato_core.coordination import MAINTENANCE, wake_ups
from ostinato_core.errors import Fact, LostRace
from ostinato_core.maintenance.operations import Notice, read_notice
from ostinato_core.transaction import Database

LATEST: Final = 1.0
"""Seconds between looks without a wake-up."""


class MaintenanceWatch:
    """Holds what clients are told now, in `notice`; `async with` starts and stops looking."""

    def __init__(self, database: Database) -> None:
        self.notice: Notice | None = None
        self._database = database
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.get_running_loop().create_task(self._look(), name="maintenance-watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> None:
        """Look now. Errors: Unavailable where the database is away."""
        self.notice = await self._database.lookup(read_notice)

    async def _look(self) -> None:
        with wake_ups().listen(MAINTENANCE) as wake_up:
            while True:
                try:
                    await self.look()
                except (Fact, LostRace, SQLAlchemyError):
                    # What was true before is the best guess; who asks the database meanwhile is told that it is away.
                    pass
                await wake_up.wait(LATEST)
