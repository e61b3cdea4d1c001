"""Changes many flow runs at once, as people ask for it: a portion of them in each transaction."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

from ostinato_core.bulk_jobs import repository, working
from ostinato_core.bulk_jobs.working import Portion
from ostinato_core.clock import utc_now
from ostinato_core.coordination import BULK_JOBS
from ostinato_core.errors import Fact, LostRace, Unavailable
from ostinato_core.ids import new_id
from ostinato_core.json_log import log_fields
from ostinato_core.settings import ServerSettings
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Database, Transaction
from ostinato_scheduler.loop import Work

T = TypeVar("T")

TICK: Final = 1.0
"""Seconds for which a tick goes on with a job, before the next one has its turn."""
SMALLEST: Final = 5
LARGEST: Final = 100
"""Runs of a portion."""
SHORT: Final = 0.1
LONG: Final = 0.4
"""Seconds: a portion that took less is followed by a larger one, one that took more by a smaller one."""
SHORTEST_PAUSE: Final = 0.005
AT_ONCE: Final = 20
"""Jobs among which a tick looks for one that no other process is at."""


class WorkBulkJobs:
    """Each flow run that a bulk job is about is changed once, or noted as refused, whoever is killed when."""

    name = "work-bulk-jobs"
    setting = "bulk_jobs"
    description = "Changes many flow runs at once, as it is asked for."
    wakes_on = BULK_JOBS

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        del settings  # it has nothing to say here
        self._database = database
        self._holder = new_id()
        self._size = LARGEST // 4

    async def tick(self) -> Work:
        """Go on for a while with the job that has waited longest; there is more until nothing is due."""
        due = await self._database.read(partial(repository.find_due, limit=AT_ONCE))
        for found in due:
            job = await self._write(found, working.claim, found["id"], self._holder)
            if job is not None:
                with log_fields(bulk_job_id=job["id"]):
                    done = await self._go_on(job)
                return Work(done, more=True, lag=(utc_now() - found["due"]).total_seconds())
        return Work()

    async def _go_on(self, job: Row) -> int:
        """Work off portions for a while; return how many runs were dealt with."""
        until, before = time.monotonic() + TICK, job["looked_at"]
        current: Row | None = job
        while current is not None and current["due"] is not None and time.monotonic() < until:
            job, began = current, time.monotonic()
            portion = await self._database.read(
                partial(working.next_portion, job=job, size=self._size), workspace_id=job["workspace_id"]
            )
            current = await self._work_off(job, portion)
            took = time.monotonic() - began
            self._fit(took)
            # As long as it has held up the others, they may now go on without it.
            await asyncio.sleep(max(took, SHORTEST_PAUSE))
        if current is None:
            return 0
        if current["due"] is not None:
            await self._write(current, repository.release, current)
        return current["looked_at"] - before

    async def _work_off(self, job: Row, portion: Portion) -> Row | None:
        """Work off a portion; where it is refused as a whole, halve it until those that refuse are alone."""
        try:
            return await self._write(job, working.work_off, job, portion)
        except Unavailable:
            raise
        except (Fact, LostRace) as refusal:
            if len(portion.run_ids) <= 1:
                reason = refusal.message if isinstance(refusal, Fact) else Unavailable().message
                return await self._write(job, working.pass_over, job, portion, reason)
        first, second = portion.halves()
        got_on = await self._work_off(job, first)
        return None if got_on is None else await self._work_off(got_on, second)

    def _fit(self, took: float) -> None:
        """Let the next portion take about as long as is good for others."""
        if took > LONG:
            self._size = max(self._size // 2, SMALLEST)
        elif took < SHORT:
            self._size = min(self._size * 2, LARGEST)

    async def _write(self, of: Row, operation: Callable[..., Awaitable[T]], *arguments: object) -> T:
        async def run(tx: Transaction) -> T:
            return await operation(tx, *arguments)

        return await self._database.write(run, workspace_id=of["workspace_id"])
