"""All SQL about bulk jobs. One that waits has a `due` time; one that is worked off is due when its claim ends."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from ostinato_core.bulk_jobs.errors import BulkJobNotFound
from ostinato_core.db.prepared import prepare, prepare_insert, prepare_locking
from ostinato_core.db.tables import bulk_jobs
from ostinato_core.filters import criteria
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.bulk_jobs import UNFINISHED, BulkJobFilter, BulkJobStatus
from ostinato_wire.filters import Operator

_JOB = bulk_jobs.c
_RUNNING: Final = BulkJobStatus.RUNNING.value

_INSERT = prepare_insert(bulk_jobs)
_ONE = select(*_JOB).where(_JOB.id == bindparam("id"), _JOB.workspace_id == bindparam("workspace_id"))
_GET = prepare(_ONE)
_GET_LOCKED = prepare_locking(_ONE.with_for_update())
_FIND_DUE = prepare(
    select(_JOB.id, _JOB.workspace_id, _JOB.due)
    .where(_JOB.due <= bindparam("now"))
    .order_by(_JOB.due, _JOB.id)
    .limit(bindparam("most"))
)
_FREE = (
    select(_JOB.id)
    .where(_JOB.id == bindparam("wanted"), _JOB.due <= bindparam("now"))
    .with_for_update(skip_locked=True)
)
_CLAIM = prepare(
    update(bulk_jobs)
    .where(_JOB.id.in_(_FREE))
    .values(
        status=_RUNNING,
        started=func.coalesce(_JOB.started, bindparam("at", type_=_JOB.started.type)),
        claimed_by=bindparam("holder"),
        due=bindparam("until"),
        attempts=_JOB.attempts + 1,
        updated=bindparam("at", type_=_JOB.started.type),
    )
    .returning(*_JOB)
)
_HELD = (_JOB.id == bindparam("wanted"), _JOB.claimed_by == bindparam("holder"), _JOB.status == _RUNNING)
_HOLD = prepare(
    update(bulk_jobs)
    .where(*_HELD, _JOB.position == bindparam("place"))
    .values(due=bindparam("until"), updated=bindparam("at"))
    .returning(*_JOB)
)
_RELEASE = prepare(update(bulk_jobs).where(*_HELD).values(due=bindparam("now"), claimed_by=None))


async def insert(tx: Transaction, row: JsonDict) -> None:
    """Insert a job."""
    await tx.run(_INSERT, row)


async def get(tx: Transaction, job_id: UUID, *, locked: bool = False) -> Row:
    """Return a job; `locked`: nobody else changes it until the transaction ends. Errors: BulkJobNotFound."""
    row = await tx.first(_GET_LOCKED if locked else _GET, {"id": job_id, "workspace_id": tx.workspace_id})
    if row is None:
        raise BulkJobNotFound
    return row


async def count_unfinished(tx: Transaction) -> int:
    """Return how many jobs have not ended."""
    waits = (_JOB.workspace_id == tx.workspace_id, _JOB.due.is_not(None))
    return await tx.value(select(func.count()).select_from(bulk_jobs).where(*waits))


async def select_where(tx: Transaction, wanted: BulkJobFilter | None, limit: int, offset: int) -> Sequence[Row]:
    """Return the jobs that match, the newest first."""
    conditions: list[criteria.Condition | None] = [_JOB.workspace_id == tx.workspace_id]
    if wanted is not None and wanted.id is not None:
        conditions.append(criteria.any_of(tx.dialect, _JOB.id, wanted.id.any_))
    if wanted is not None and wanted.status is not None:
        conditions.append(criteria.any_of(tx.dialect, _JOB.status, wanted.status.any_))
        if set(wanted.status.any_ or BulkJobStatus) <= UNFINISHED:
            conditions.append(_JOB.due.is_not(None))
    chosen = select(*_JOB).where(criteria.combine(Operator.AND, conditions))
    return await tx.rows(chosen.order_by(_JOB.created.desc(), _JOB.id.desc()).limit(limit).offset(offset))


async def find_due(tx: Transaction, limit: int) -> Sequence[Row]:
    """Return `id`, `workspace_id` and `due` of what is due in all workspaces, the first first."""
    return await tx.rows(_FIND_DUE, {"now": tx.now, "most": limit})


async def claim(tx: Transaction, job_id: UUID, holder: UUID, until: datetime) -> Row | None:
    """Claim a job, beyond the transaction, until a time; None where it is not due, or another is just claiming it."""
    given = {"wanted": job_id, "holder": holder, "now": tx.now, "at": tx.now, "until": until}
    return await tx.first(_CLAIM, given)


async def hold(tx: Transaction, job: Row, until: datetime) -> Row | None:
    """Hold a claimed job for this transaction, and claim it for longer.

    None where it was stopped, or somebody else has got on with it: the claim had ended.
    """
    given = {"wanted": job["id"], "holder": job["claimed_by"], "place": job["position"], "at": tx.now, "until": until}
    return await tx.first(_HOLD, given)


async def write(tx: Transaction, job_id: UUID, values: Mapping[str, Any]) -> None:  # Any: columns of many types
    """Write columns of a job that is held, or was read under a lock."""
    await tx.run(update(bulk_jobs).where(_JOB.id == job_id).values(**values, updated=tx.now))


async def release(tx: Transaction, job: Row) -> None:
    """Let others go on with a claimed job; those that have waited longer come first."""
    await tx.run(_RELEASE, {"wanted": job["id"], "holder": job["claimed_by"], "now": tx.now})
