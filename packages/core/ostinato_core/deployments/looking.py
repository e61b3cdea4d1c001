"""The schedules that are due for a look: making the runs that they ask for, many schedules in one transaction."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, bindparam, select, update

from ostinato_core.db.prepared import prepare, prepare_locking
from ostinato_core.db.tables import deployment_schedules, deployments
from ostinato_core.db.types import Timestamp
from ostinato_core.deployments import repository
from ostinato_core.deployments.catching_up import skip_late_runs
from ostinato_core.deployments.new_runs import insert_runs, run_rows
from ostinato_core.deployments.rows import SCHEDULE_COLUMNS, schedule_of
from ostinato_core.deployments.start_limits import allowance_of
from ostinato_core.errors import Fact
from ostinato_core.scheduling.looks import Ahead, Look, latest_between, look, next_after
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.deployments import CatchUp
from ostinato_wire.schedules import Schedule

logger = logging.getLogger("ostinato.server.schedules")

PUT_OFF: Final = timedelta(hours=1)
"""After how long a schedule that cannot be understood is looked at again."""
MISSED: Final = "Flow run scheduled: the latest of the times that passed while no scheduler was running"

_SCHEDULE = deployment_schedules.c
_IS_DUE = _SCHEDULE.next_look <= bindparam("now", type_=Timestamp())
_LIMIT = bindparam("limit", type_=Integer)
_DUE = prepare(
    select(_SCHEDULE.id, _SCHEDULE.workspace_id, _SCHEDULE.next_look)
    .where(_IS_DUE)
    .order_by(_SCHEDULE.next_look)
    .limit(_LIMIT)
)
# Both rows: who changes a schedule holds its deployment, and deletes the schedule or writes to it. What another process
# has locked is passed over, and nothing is waited for.
_CLAIM = prepare_locking(
    select(*SCHEDULE_COLUMNS)
    .join(deployments, deployments.c.id == _SCHEDULE.deployment_id)
    .where(_IS_DUE, _SCHEDULE.workspace_id == bindparam("workspace_id"))
    .order_by(_SCHEDULE.next_look, _SCHEDULE.id)
    .limit(_LIMIT)
    .with_for_update(of=[deployment_schedules, deployments], skip_locked=True, key_share=True)
)
_STORE = prepare(
    update(deployment_schedules)
    .where(_SCHEDULE.id == bindparam("key"))
    .values(next_look=bindparam("next_look"), made_until=bindparam("made_until"))
)


@dataclass(frozen=True, slots=True)
class Batch:
    """How much one transaction does: `schedules` are looked at, until `runs` have been made; and how far ahead."""

    ahead: Ahead = field(default_factory=Ahead)
    schedules: int = 100
    runs: int = 500


@dataclass(frozen=True, slots=True)
class Done:
    """What one transaction did: schedules looked at, runs made, runs skipped; may there be more that are due?"""

    looked_at: int = 0
    made: int = 0
    skipped: int = 0
    more: bool = False


async def find_due(tx: Transaction, limit: int) -> Sequence[Row]:
    """Return id, workspace and `next_look` of schedules of all workspaces that are due for a look, the oldest first."""
    return await tx.rows(_DUE, {"now": tx.now, "limit": limit})


async def look_at_due(tx: Transaction, batch: Batch, claimed_ids: list[UUID]) -> Done:
    """Look at schedules of the workspace that are due for it: make their runs, skip late ones, say when to look again.

    Several processes may do so at once. A schedule that cannot be understood is put off, and holds up no other.
    `claimed_ids` is filled with the schedules that are looked at: who is told of an error knows then whose it may be.
    """
    claimed = await tx.rows(_CLAIM, {"now": tx.now, "limit": batch.schedules, "workspace_id": tx.workspace_id})
    claimed_ids[:] = [row["id"] for row in claimed]
    owners = {row["id"]: row for row in await repository.select_by_ids(tx, {row["deployment_id"] for row in claimed})}
    rows: list[JsonDict] = []
    looks: list[JsonDict] = []
    for schedule in claimed:
        new, found = _look_at(tx, owners[schedule["deployment_id"]], schedule, batch.ahead)
        rows += new
        looks.append({"key": schedule["id"], "next_look": found.next_look, "made_until": found.made_until})
        if len(rows) >= batch.runs:
            break
    made = await insert_runs(tx, rows)
    skipped = 0
    for schedule in claimed[: len(looks)]:
        skipped += await skip_late_runs(tx, schedule)
    if looks:
        await tx.run(_STORE, looks)
    return Done(len(looks), made, skipped, len(claimed) == batch.schedules or len(looks) < len(claimed))


async def put_off(tx: Transaction, schedule_id: UUID) -> None:
    """Look at a schedule again later, because its runs cannot be made."""
    await tx.run(_STORE, {"key": schedule_id, "next_look": tx.now + PUT_OFF, "made_until": None})


def _look_at(tx: Transaction, deployment: Row, schedule: Row, ahead: Ahead) -> tuple[list[JsonDict], Look]:
    """Return the rows of new runs and what else the look found."""
    if deployment["paused"] or not schedule["active"]:
        return [], Look((), None, None)
    try:
        definition = schedule_of(schedule)
        found = look(
            definition,
            tx.now,
            ahead,
            made_until=schedule["made_until"],
            most=schedule["max_scheduled_runs"],
            place=schedule["id"].int % 1000 / 1000,
        )
        rows = run_rows(tx, deployment, schedule, definition, found.dates)
        missed = _missed(schedule, definition, tx.now)
        if missed is not None:
            rows += run_rows(tx, deployment, schedule, definition, [missed], message=MISSED)
        return rows, Look(found.dates, found.made_until, _soonest(schedule, definition, tx.now, found, ahead))
    except (Fact, ValueError, TypeError, KeyError, ArithmeticError) as error:
        # What is stored was understood when it was stored: by another version, or with other time zones.
        logger.warning(
            "Schedule %s of deployment %s makes no runs: %s. It is looked at again in %s; to mend it, set the schedule "
            "anew.",
            schedule["id"],
            deployment["id"],
            error,
            PUT_OFF,
        )
        return [], Look((), None, tx.now + PUT_OFF)


def _missed(schedule: Row, definition: Schedule, now: datetime) -> datetime | None:
    """Return the latest date that passed while nobody looked, where the schedule wants it to be caught up with."""
    made_until = schedule["made_until"]
    if schedule["catchup"] != CatchUp.LATEST.value or made_until is None or made_until >= now:
        return None
    allowance = allowance_of(schedule)
    return latest_between(definition, made_until if allowance is None else max(made_until, now - allowance), now)


def _soonest(schedule: Row, definition: Schedule, now: datetime, found: Look, ahead: Ahead) -> datetime | None:
    """Return when to look again: for new runs, or for runs that are to be skipped then, whichever comes first."""
    times = [found.next_look]
    if schedule["catchup"] == CatchUp.LATEST.value:
        times.append(next_after(definition, now, ahead))
    allowance = allowance_of(schedule)
    if allowance is not None:
        waiting = next_after(definition, now - allowance, ahead)
        times.append(None if waiting is None else waiting + allowance)
    soonest = min((time for time in times if time is not None), default=None)
    if soonest is None or soonest == found.next_look:
        return soonest
    return soonest + datetime.resolution
