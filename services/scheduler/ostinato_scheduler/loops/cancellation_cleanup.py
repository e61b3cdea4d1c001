"""Finishes what was cancelled: the runs below, the task runs within, and what nobody has confirmed in time.

Task runs of flow runs that ended otherwise are closed here, too. Ended runs are gone through in the order of their
ends, each once or twice, so that a round costs what has ended since the last one, whatever the number of runs.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from ostinato_core.clock import utc_now
from ostinato_core.flow_runs import cascade
from ostinato_core.flow_runs.cascade import Place
from ostinato_core.flow_runs.overdue import end_cancelling, find_unconfirmed
from ostinato_core.maintenance.listening import heard_for
from ostinato_core.settings import ServerSettings
from ostinato_core.states.rows import Row
from ostinato_core.task_runs.closing import close_left_over, find_left_over
from ostinato_core.transaction import Database, Transaction
from ostinato_scheduler.batches import act_on
from ostinato_scheduler.loop import Work

BATCH: Final = 200
TASK_RUNS: Final = 500
LOOK_BACK: Final = timedelta(days=1)
"""How far back ended runs are gone through when the loop begins."""
LOOK_AGAIN: Final = timedelta(seconds=60)
"""Cancelled runs are looked at for so long: their ends are not committed in order, and children may yet appear."""
SECOND_LOOK: Final = timedelta(hours=1)
"""When a run that has ended is looked at for the last time: its task runs may have been told of late."""

_FIRST: Final = UUID(int=0)


class Walk:
    """A walk along the ended runs: where it has come to, and how near to the present it may come."""

    def __init__(self, start: datetime, behind: timedelta) -> None:
        self.place: Place = (start, _FIRST)
        self.behind = behind

    def before(self) -> datetime:
        """Return the time up to which it may go now."""
        return utc_now() - self.behind

    def went(self, page: Sequence[Row], *, again: timedelta = timedelta(0)) -> None:
        """Go to the end of a page; after the last one, runs that ended within `again` come once more."""
        last: Place = (page[-1]["ended"], page[-1]["id"]) if page else self.place
        self.place = last if len(page) == BATCH else min(last, (utc_now() - again, _FIRST))


class FinishCancellations:
    """What was cancelled ends: within a deadline, with its sub-flow runs at any depth, and with its task runs."""

    name = "finish-cancellations"
    setting = "cancellation_cleanup"
    description = "Finishes what was cancelled, and closes task runs that their flow run has left."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database
        self._timeout = timedelta(seconds=settings.cancelling_timeout)
        self._grace = timedelta(seconds=settings.left_over_after)
        now = utc_now()
        self._cancelled = Walk(now - LOOK_BACK, timedelta(0))
        self._ended = Walk(now - LOOK_BACK, self._grace)
        self._ended_long_ago = Walk(now - SECOND_LOOK, max(SECOND_LOOK, self._grace))

    async def tick(self) -> Work:
        """Do a batch of each kind; the deadline comes first, so that what it ends goes down the tree at once."""
        works = (
            await self._end_cancelling(),
            await self._follow_cancelled(),
            await self._close_task_runs(self._ended),
            await self._close_task_runs(self._ended_long_ago),
        )
        lag = max(work.lag for work in works)
        return Work(sum(work.done for work in works), more=any(work.more for work in works), lag=lag)

    async def _end_cancelling(self) -> Work:
        # Somebody must have been able to say for so long that they have ended.
        if not await heard_for(self._database, self._timeout):
            return Work()
        found = await self._database.read(lambda tx: find_unconfirmed(tx, self._timeout, BATCH))
        done = await act_on(
            self._database, found, lambda tx, ids: end_cancelling(tx, ids, self._timeout), log_field="flow_run_id"
        )
        lag = (utc_now() - found[0]["since"] - self._timeout).total_seconds() if found else 0.0
        return Work(done, more=len(found) == BATCH and done > 0, lag=lag)

    async def _follow_cancelled(self) -> Work:
        page = await self._database.read(lambda tx: cascade.find_cancelled(tx, self._cancelled.place, BATCH))
        if not page:
            self._cancelled.went(page, again=LOOK_AGAIN)
            return Work()
        roots = [row["id"] for row in page]
        below = await self._database.read(lambda tx: cascade.find_below(tx, roots))
        done = await act_on(self._database, below, cascade.cancel_with_parent, log_field="flow_run_id")
        all_ids = sorted({*roots, *(row["id"] for row in below)})
        closed = await self._close(lambda tx: find_left_over(tx, all_ids, TASK_RUNS, only_of_cancelled=True))
        if not closed.more:
            self._cancelled.went(page, again=LOOK_AGAIN)
        return Work(done + closed.done, more=closed.more or len(page) == BATCH)

    async def _close_task_runs(self, walk: Walk) -> Work:
        before = walk.before()
        page = await self._database.read(lambda tx: cascade.find_ended(tx, walk.place, before, BATCH))
        if not page:
            return Work()
        ids = [row["id"] for row in page]
        closed = await self._close(lambda tx: find_left_over(tx, ids, TASK_RUNS))
        if not closed.more:
            walk.went(page)
        return Work(closed.done, more=closed.more or len(page) == BATCH)

    async def _close(self, find: Callable[[Transaction], Awaitable[Sequence[Row]]]) -> Work:
        found = await self._database.read(find)
        done = await act_on(
            self._database, found, lambda tx, ids: close_left_over(tx, ids, self._grace), log_field="task_run_id"
        )
        return Work(done, more=len(found) == TASK_RUNS and done > 0)
