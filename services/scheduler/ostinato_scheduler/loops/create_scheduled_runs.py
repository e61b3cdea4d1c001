"""Makes the runs that schedules ask for, and skips those that wait and are not wanted any more."""

import logging
from dataclasses import replace
from functools import partial
from uuid import UUID

from ostinato_core.clock import utc_now
from ostinato_core.deployments.looking import Batch, Done, find_due, look_at_due, put_off
from ostinato_core.deployments.queue_bounds import find_overfull, skip_overflow
from ostinato_core.errors import Fact, Unavailable
from ostinato_core.scheduling.looks import Ahead
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.batches import act_on
from ostinato_scheduler.loop import Work

logger = logging.getLogger("ostinato.server.loops")


class CreateScheduledRuns:
    """Looks at the schedules that are due for it, oldest first; any number of processes share them."""

    name = "create-scheduled-runs"
    setting = "scheduler"
    description = "Makes the runs that schedules ask for, and skips late ones that they do not want any more."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database
        ahead = Ahead(
            settings.scheduler_min_runs,
            settings.scheduler_min_time,
            settings.scheduler_max_runs,
            settings.scheduler_max_time,
        )
        self._batch = Batch(ahead, settings.scheduler_batch, settings.scheduler_inserts)

    async def tick(self) -> Work:
        """Look at one batch of schedules, in a transaction for each workspace; the lag is that of the oldest."""
        skipped = await self._skip_overflow()
        due = await self._database.lookup(lambda tx: find_due(tx, self._batch.schedules))
        if not due:
            return Work(skipped)
        lag = (utc_now() - due[0]["next_look"]).total_seconds()
        done = [await self._look_at(workspace_id) for workspace_id in dict.fromkeys(row["workspace_id"] for row in due)]
        looked_at = sum(each.looked_at for each in done)
        # Nothing at all: other processes are at it.
        more = looked_at > 0 and (len(due) == self._batch.schedules or any(each.more for each in done))
        return Work(skipped + sum(each.made + each.skipped for each in done), more, lag)

    async def _skip_overflow(self) -> int:
        """Skip what is too much of deployments that let only so many runs wait."""
        found = await self._database.lookup(lambda tx: find_overfull(tx, self._batch.schedules))
        return await act_on(self._database, found, skip_overflow)

    async def _look_at(self, workspace_id: UUID) -> Done:
        """Look at a batch of a workspace, or at ever fewer until it is known whose runs the database refuses."""
        batch = self._batch
        claimed: list[UUID] = []
        while True:
            try:
                return await self._database.write(
                    partial(look_at_due, batch=batch, claimed_ids=claimed), workspace_id=workspace_id
                )
            except Unavailable:
                raise
            except Fact as fact:
                if len(claimed) <= 1:
                    return await self._put_off(workspace_id, claimed, fact)
                batch = replace(batch, schedules=len(claimed) // 2)

    async def _put_off(self, workspace_id: UUID, claimed: list[UUID], fact: Fact) -> Done:
        for schedule_id in claimed:
            logger.warning("The runs of schedule %s cannot be made: %s", schedule_id, fact.message)
            await self._database.write(partial(put_off, schedule_id=schedule_id), workspace_id=workspace_id)
        return Done(len(claimed), more=True)
