"""Making the runs that the schedules of a deployment ask for (behaviour.md, section 13.4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from ostinato_core.db.tables import flow_runs
from ostinato_core.deployments import repository
from ostinato_core.deployments.new_runs import insert_runs, run_rows
from ostinato_core.deployments.rows import schedule_of
from ostinato_core.deployments.schedules import schedules_of
from ostinato_core.scheduling.dates import dates_to_schedule
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction

_RUN = flow_runs.c


@dataclass(frozen=True, slots=True)
class Window:
    """For when runs are made: from `start` to `end`; of each schedule at most `max_runs`, until there are `min_runs`

    and the last one is at least `min_time` after the start.
    """

    start: datetime
    end: datetime
    min_time: timedelta = timedelta(hours=1)
    min_runs: int = 3
    max_runs: int = 100


async def schedule_runs(tx: Transaction, deployment_id: UUID, window: Window) -> int:
    """Make the runs that the active schedules of a deployment ask for and that are not there yet; return how many.

    An unknown deployment has none. Errors: LostRace where the deployment or its schedules change meanwhile.
    """
    deployment = await repository.find(tx, deployment_id)
    if deployment is None:
        return 0
    rows = _wanted(tx, deployment, await schedules_of(tx, deployment_id), window)
    wanted = {row["idempotency_key"]: row for row in rows}
    if not wanted:
        return 0
    keys = tx.dialect.is_one_of(_RUN.idempotency_key, list(wanted))
    made = await tx.rows(select(_RUN.idempotency_key).where(_RUN.flow_id == deployment["flow_id"], keys))
    for row in made:
        del wanted[row["idempotency_key"]]
    if not wanted:
        return 0
    # Who changes a schedule holds the deployment, too: no run is made for a schedule that is being replaced.
    await repository.hold(tx, deployment)
    return await insert_runs(tx, list(wanted.values()))


def _wanted(tx: Transaction, deployment: Row, schedules: Sequence[Row], window: Window) -> Iterator[JsonDict]:
    for schedule in schedules:
        if not schedule["active"]:
            continue
        definition = schedule_of(schedule)
        dates = dates_to_schedule(
            definition,
            window.start,
            window.end,
            min_time=window.min_time,
            min_runs=window.min_runs,
            max_runs=window.max_runs,
        )
        yield from run_rows(tx, deployment, schedule, definition, dates)
