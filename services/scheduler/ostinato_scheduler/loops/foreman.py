"""Notices workers, pools, queues and deployments from which nothing has been heard for too long."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from ostinato_core.deployments import readiness as deployments
from ostinato_core.maintenance.listening import heard_for
from ostinato_core.settings import ServerSettings
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Database, Transaction
from ostinato_core.work_pools import readiness as pools
from ostinato_core.workers import repository as workers
from ostinato_scheduler.batches import Act, act_on
from ostinato_scheduler.loop import Work

BATCH: Final = 200


class Foreman:
    """Silent workers are offline; pools without workers, and queues and deployments nobody asks for, are not ready."""

    name = "foreman"
    setting = "foreman"
    description = "Notices what no worker asks for any more."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database
        self._beats = settings.foreman_missed_beats
        self._interval = settings.foreman_fallback_interval
        self._deployments_after = timedelta(seconds=settings.foreman_deployment_silence)
        self._queues_after = timedelta(seconds=settings.foreman_queue_silence)

        # After maintenance all get as long as the most patient of these would wait.
        beaten = timedelta(seconds=self._beats * self._interval)
        self._longest = max(beaten, self._deployments_after, self._queues_after)

    async def tick(self) -> Work:
        """Look at workers first, because their pools depend on them, and at most at a batch of each kind."""
        if not await heard_for(self._database, self._longest):
            return Work()
        beats, interval = self._beats, self._interval
        silent, unasked = self._queues_after, self._deployments_after
        works = (
            await self._each(
                lambda tx: workers.find_silent(tx, beats, interval, BATCH),
                lambda tx, ids: workers.mark_offline(tx, ids, beats, interval),
            ),
            await self._each(lambda tx: pools.find_deserted_pools(tx, BATCH), pools.mark_pools_not_ready),
            await self._each(
                lambda tx: deployments.find_silent(tx, unasked, BATCH),
                lambda tx, ids: deployments.mark_not_ready(tx, ids, unasked),
            ),
            await self._each(
                lambda tx: pools.find_silent_queues(tx, silent, BATCH),
                lambda tx, ids: pools.mark_queues_not_ready(tx, ids, silent),
            ),
        )
        return Work(sum(work.done for work in works), more=any(work.more for work in works))

    async def _each(self, find: Callable[[Transaction], Awaitable[Sequence[Row]]], act: Act) -> Work:
        found = await self._database.read(find)
        done = await act_on(self._database, found, act)
        return Work(done, more=len(found) == BATCH and done > 0)
