"""Deletes what is older than the settings say it is to be kept."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final

from ostinato_core.retention.deleted import Deleted
from ostinato_core.retention.policy import Policy
from ostinato_core.retention.sweep import Retention
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Work

TICK: Final = 1.0
"""Seconds of a tick: a round may take many of them."""
SHORTEST_PAUSE: Final = 0.005


class EnforceRetention:
    """Deletes runs, log lines, events and artifacts that are due, in short transactions with pauses between them."""

    name = "enforce-retention"
    setting = "retention"
    description = "Deletes what is older than it is to be kept."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._retention = Retention(database, Policy.of(settings))
        self._round: AsyncIterator[Deleted] | None = None

    async def tick(self) -> Work:
        """Go on with the round for a second, or begin one; there is more until it has come to its end."""
        round_, self._round = self._round or self._retention.round(), None
        until, done = time.monotonic() + TICK, 0
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                done += (await anext(round_)).rows
            except StopAsyncIteration:
                return Work(done)
            # As long as it has held up the others, they may now go on without it.
            await asyncio.sleep(max(time.monotonic() - began, SHORTEST_PAUSE))
        self._round = round_
        return Work(done, more=True, whole=False)
