"""The schedules of deployments: all SQL about them, and what can be done with them one by one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, delete, exists, literal, select, update

from ostinato_core.db.prepared import prepare, prepare_insert
from ostinato_core.db.tables import deployment_schedules, deployments
from ostinato_core.db.types import Timestamp
from ostinato_core.deployments import repository
from ostinato_core.deployments.errors import ScheduleNotFound
from ostinato_core.deployments.events import schedule_event, schedule_facts
from ostinato_core.deployments.new_runs import key_prefix
from ostinato_core.deployments.rows import SCHEDULE_COLUMNS, schedule_json, schedule_of, stored_schedule
from ostinato_core.deployments.start_limits import lift_start_limits
from ostinato_core.deployments.waiting_runs import delete_waiting_runs
from ostinato_core.events.outbox import record
from ostinato_core.ids import new_id
from ostinato_core.scheduling.dates import settled
from ostinato_core.scheduling.definition import likeness
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.deployments import DeploymentScheduleCreate, DeploymentScheduleUpdate

_SCHEDULE = deployment_schedules.c
_ORDER = (_SCHEDULE.updated.desc(), _SCHEDULE.id.desc())
_OF_ONE = prepare(
    select(*SCHEDULE_COLUMNS).where(_SCHEDULE.deployment_id == bindparam("deployment_id")).order_by(*_ORDER)
)
_ONE = prepare(
    select(*SCHEDULE_COLUMNS).where(
        _SCHEDULE.deployment_id == bindparam("deployment_id"), _SCHEDULE.id == bindparam("id")
    )
)
_INSERT = prepare_insert(deployment_schedules)


async def schedules_of(tx: Transaction, deployment_id: UUID) -> Sequence[Row]:
    """Return the schedules of a deployment, the last changed first."""
    return await tx.rows(_OF_ONE, {"deployment_id": deployment_id})


async def schedules_of_many(tx: Transaction, deployment_ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """Return the schedules of deployments that have some, the last changed first."""
    found: dict[UUID, list[Row]] = {}
    if deployment_ids:
        mine = tx.dialect.is_one_of(_SCHEDULE.deployment_id, deployment_ids)
        for row in await tx.rows(select(*SCHEDULE_COLUMNS).where(mine).order_by(*_ORDER)):
            found.setdefault(row["deployment_id"], []).append(row)
    return found


async def insert_schedules(
    tx: Transaction,
    deployment_id: UUID,
    schedules: Iterable[DeploymentScheduleCreate],
    before: Sequence[Row] = (),
) -> list[JsonDict]:
    """Insert schedules and return their rows; the scheduler is to be told of them by `wake_schedules`.

    How they catch up is taken over, where they do not say, from those that were there `before` and are alike.

    Errors: InvalidSchedule; IntegrityConflict for a slug that is there.
    """
    known = {_likeness(row): row for row in before}
    rows = [_new_row(tx, deployment_id, each, known) for each in schedules]
    if rows:
        await tx.run(_INSERT, rows)
    return rows


def _new_row(
    tx: Transaction, deployment_id: UUID, given: DeploymentScheduleCreate, known: Mapping[str | None, Row]
) -> JsonDict:
    settled_schedule = settled(given.schedule, tx.now)
    alike = known.get(likeness(given.replaces or given.slug, settled_schedule), {})
    return {
        "id": new_id(),
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "updated": tx.now,
        "deployment_id": deployment_id,
        "schedule": stored_schedule(settled_schedule),
        "active": given.active,
        "max_scheduled_runs": given.max_scheduled_runs,
        "parameters": given.parameters,
        "slug": given.slug,
        "catchup": alike.get("catchup") if given.catchup is None else given.catchup.value,
        "max_late_seconds": alike.get("max_late_seconds") if given.max_late_seconds is None else given.max_late_seconds,
        "next_look": None,
        "made_until": None,
    }


def _likeness(row: Row) -> str | None:
    try:
        return likeness(row["slug"], schedule_of(row))
    except ValueError:
        return None  # not understood any more: it is being replaced, which is how it is mended


async def wake_schedules(tx: Transaction, deployment_ids: Sequence[UUID]) -> None:
    """Have the scheduler look at all schedules of deployments now, and at none that is inactive or paused.

    Whatever changes a schedule, its deployment or its runs calls this, in the same transaction.
    """
    paused = exists().where(deployments.c.id == _SCHEDULE.deployment_id, deployments.c.paused)
    when = case((and_(_SCHEDULE.active, ~paused), literal(tx.now, Timestamp())), else_=None)
    mine = tx.dialect.is_one_of(_SCHEDULE.deployment_id, deployment_ids)
    await tx.run(update(deployment_schedules).where(mine).values(next_look=when, made_until=None))
    await lift_start_limits(tx, deployment_ids)


async def replace_schedules(
    tx: Transaction, deployment_id: UUID, schedules: Iterable[DeploymentScheduleCreate]
) -> None:
    """Put schedules in the place of all that a deployment has. Errors: as `insert_schedules`."""
    before = await schedules_of(tx, deployment_id)
    await tx.run(delete(deployment_schedules).where(_SCHEDULE.deployment_id == deployment_id))
    await insert_schedules(tx, deployment_id, schedules, before)


async def write_schedule(
    tx: Transaction, deployment_id: UUID, schedule_id: UUID, change: DeploymentScheduleUpdate
) -> None:
    """Write a change of a schedule: null says nothing, but parameters are always written.

    Errors: InvalidSchedule; IntegrityConflict for a slug that another schedule has.
    """
    cleared = {member.value: None for member in change.clear or ()}
    values: Mapping[str, Any] = cleared | {  # Any: columns are of many types
        name: value
        for name, value in (
            ("schedule", None if change.schedule is None else stored_schedule(settled(change.schedule, tx.now))),
            ("active", change.active),
            ("max_scheduled_runs", change.max_scheduled_runs),
            ("slug", change.slug),
            ("parameters", change.parameters),
            ("catchup", None if change.catchup is None else change.catchup.value),
            ("max_late_seconds", change.max_late_seconds),
        )
        if value is not None
    }
    own = (_SCHEDULE.id == schedule_id, _SCHEDULE.deployment_id == deployment_id)
    await tx.run(update(deployment_schedules).where(*own).values(**values, updated=tx.now))


async def read_schedules(tx: Transaction, deployment_id: UUID) -> list[JsonDict]:
    """Return the schedules of a deployment, the last changed first. Errors: DeploymentNotFound."""
    await repository.get(tx, deployment_id, end=".")
    return [schedule_json(row) for row in await schedules_of(tx, deployment_id)]


async def create_schedules(
    tx: Transaction, deployment_id: UUID, schedules: Sequence[DeploymentScheduleCreate]
) -> list[JsonDict]:
    """Add schedules to a deployment. Errors: DeploymentNotFound; as `insert_schedules`."""
    deployment = await repository.get(tx, deployment_id, end=".")
    await repository.write(tx, deployment, {})
    made = await insert_schedules(tx, deployment_id, schedules)
    await wake_schedules(tx, [deployment_id])
    await record(tx, *(schedule_event("created", deployment, row) for row in made))
    return [schedule_json(row) for row in made]


async def update_schedule(
    tx: Transaction, deployment_id: UUID, schedule_id: UUID, change: DeploymentScheduleUpdate
) -> None:
    """Change a schedule; runs that it had made for the future go. Errors: DeploymentNotFound, ScheduleNotFound."""
    deployment = await repository.get(tx, deployment_id, end=".")
    await repository.write(tx, deployment, {})
    before = await _find(tx, deployment_id, schedule_id)
    await write_schedule(tx, deployment_id, schedule_id, change)
    await delete_waiting_runs(tx, [deployment_id], only_automatic=True, only_future=True)
    await wake_schedules(tx, [deployment_id])
    after = await _find(tx, deployment_id, schedule_id)
    if schedule_facts(before) != schedule_facts(after):
        await record(tx, schedule_event("updated", deployment, after, before))


async def delete_schedule(tx: Transaction, deployment_id: UUID, schedule_id: UUID) -> None:
    """Delete a schedule, and all its runs that have not begun.

    Errors: DeploymentNotFound, ScheduleNotFound.
    """
    deployment = await repository.get(tx, deployment_id, end=".")
    await repository.write(tx, deployment, {})
    row = await _find(tx, deployment_id, schedule_id)
    await tx.run(delete(deployment_schedules).where(_SCHEDULE.id == schedule_id))
    await delete_waiting_runs(tx, [deployment_id], only_automatic=True, only_of=_keys_of(row))
    await wake_schedules(tx, [deployment_id])
    await record(tx, schedule_event("deleted", deployment, row))


async def _find(tx: Transaction, deployment_id: UUID, schedule_id: UUID) -> Row:
    """Return a schedule of a deployment. Errors: ScheduleNotFound."""
    row = await tx.first(_ONE, {"deployment_id": deployment_id, "id": schedule_id})
    if row is None:
        raise ScheduleNotFound
    return row


def _keys_of(row: Row) -> str | None:
    try:
        return key_prefix(row, schedule_of(row))
    except ValueError:
        return None  # not understood any more: then the runs of all schedules go, and those of the others come again
