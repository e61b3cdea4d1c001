"""Notices runs whose process is gone: they have crashed, what they had begun is closed, and their slots are free."""

import logging
from functools import partial
from typing import Final

from ostinato_core.clock import utc_now
from ostinato_core.errors import Fact, LostRace
from ostinato_core.json_log import log_fields
from ostinato_core.liveness.dead_runs import Patience, end_silent_run, find_silent, forget_ended
from ostinato_core.settings import ServerSettings
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Work

logger = logging.getLogger("ostinato.server.loops")

BATCH: Final = 100
FORGOTTEN: Final = 1000
"""Rows of runs that have ended which one tick deletes, at most."""


class DetectDeadRuns:
    """Ends runs that have sent no heartbeat for twice the interval at which they did."""

    name = "detect-dead-runs"
    setting = "dead_runs"
    description = "Ends runs whose heartbeats have stopped: their process is gone."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database
        self._patience = Patience(
            settings.dead_runs_default_interval, settings.dead_runs_minimum_interval, settings.dead_runs_grace
        )

    async def tick(self) -> Work:
        """End the runs that are dead; a transaction each, so that none holds up another."""
        silent = await self._database.read(partial(find_silent, patience=self._patience, limit=BATCH))
        ended, lag = 0, 0.0
        for row in silent:
            lag = max(lag, (utc_now() - row["last_heartbeat"]).total_seconds() - 2 * row["interval"])
            with log_fields(flow_run_id=row["flow_run_id"]):
                ended += await self._end(row)
        forgotten = await self._database.write(partial(forget_ended, limit=FORGOTTEN))
        # Where none could be ended the others may fare better with the next tick.
        return Work(ended, (len(silent) == BATCH and ended > 0) or forgotten == FORGOTTEN, lag)

    async def _end(self, silent: Row) -> bool:
        try:
            ended = await self._database.write(
                partial(end_silent_run, silent=silent), workspace_id=silent["workspace_id"]
            )
        except (Fact, LostRace) as error:
            logger.warning("A flow run is silent, but cannot be ended now: %s", error)
            return False
        if ended:
            logger.info("A flow run was silent for too long and is ended.")
        return ended
