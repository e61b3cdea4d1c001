"""Looks at what metric triggers measure, and lets them fire and resolve."""

import logging
from functools import partial
from typing import Final

from ostinato_core.clock import utc_now
from ostinato_core.errors import Fact, LostRace, Unavailable
from ostinato_core.json_log import log_fields
from ostinato_core.metric_triggers.looking import look_at
from ostinato_core.metric_triggers.repository import find_due
from ostinato_core.settings import ServerSettings
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Work

logger = logging.getLogger("ostinato.server.loops")

BATCH: Final = 50


class EvaluateMetrics:
    """Measures for each metric trigger twice a minute; those that say so for long enough fire or resolve."""

    name = "evaluate-metrics"
    setting = "metric_triggers"
    description = "Evaluates the metric triggers of automations."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database
        self._late_after = settings.late_runs_after

    async def tick(self) -> Work:
        """Look at a batch of those that are due, each in transactions of its own."""
        due = await self._database.read(partial(find_due, limit=BATCH))
        lag = (utc_now() - due[0]["next_look"]).total_seconds() if due else 0.0
        done = sum([await self._look_at(watch) for watch in due])
        return Work(done, more=len(due) == BATCH and done > 0, lag=lag)

    async def _look_at(self, watch: Row) -> bool:
        with log_fields(automation_id=watch["automation_id"]):
            try:
                return await look_at(self._database, watch, self._late_after)
            except Unavailable:
                raise
            except (Fact, LostRace) as error:
                logger.warning("A metric trigger cannot be evaluated now: %s", error)
                return False
