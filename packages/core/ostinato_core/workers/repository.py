"""All SQL about workers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, bindparam, delete, func, literal, or_, select, update

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared
from ostinato_core.db.tables import workers
from ostinato_core.db.types import Timestamp
from ostinato_core.filters.criteria import Operator, combine
from ostinato_core.filters.work_pools import worker_matches
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.workers import WorkerFilter, WorkerStatus

_WORKER = workers.c
COLUMNS: Final = tuple(column for column in _WORKER if column.name != "workspace_id")


def _sign_of_life(dialect: Dialect) -> Executable:
    """An upsert that leaves alone a row which says the same already, but for a fraction of a second."""
    statement = dialect.insert(workers).inline()
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["work_pool_id", "name"],
        set_={
            "last_heartbeat_time": new.last_heartbeat_time,
            "status": new.status,
            "heartbeat_interval_seconds": func.coalesce(
                new.heartbeat_interval_seconds, _WORKER.heartbeat_interval_seconds
            ),
        },
        where=or_(
            _WORKER.last_heartbeat_time < bindparam("before", type_=_WORKER.last_heartbeat_time.type),
            _WORKER.status != new.status,
            func.coalesce(_WORKER.heartbeat_interval_seconds, -1)
            != func.coalesce(new.heartbeat_interval_seconds, _WORKER.heartbeat_interval_seconds, -1),
        ),
    )


_UPSERT = Prepared(_sign_of_life, [column.name for column in _WORKER])


async def upsert(tx: Transaction, row: Mapping[str, Any]) -> None:  # Any: columns are of many types
    """Write a worker's sign of life; `before` is the time since which an older one is good enough."""
    await tx.run(_UPSERT, {**row, "workspace_id": tx.workspace_id})


async def select_where(
    tx: Transaction, pool_id: UUID, wanted: WorkerFilter | None, limit: int, offset: int
) -> Sequence[Row]:
    """Return the workers of a pool that match, the latest sign of life first."""
    parts = [_WORKER.work_pool_id == pool_id]
    if wanted is not None:
        parts.append(worker_matches(tx.dialect, wanted))
    found = select(*COLUMNS).where(combine(Operator.AND, parts))
    return await tx.rows(
        found.order_by(_WORKER.last_heartbeat_time.desc(), _WORKER.id.desc()).limit(limit).offset(offset)
    )


async def find_silent(tx: Transaction, beats: float, interval: float, limit: int) -> Sequence[Row]:
    """Return id and workspace of workers that count as online and gave no sign of life for so many intervals.

    Of all workspaces, at most `limit`. `interval` in seconds, for workers that did not tell theirs.
    """
    found = select(_WORKER.id, _WORKER.workspace_id).where(*_silent(tx, beats, interval))
    return await tx.rows(found.order_by(_WORKER.last_heartbeat_time).limit(limit))


async def mark_offline(tx: Transaction, worker_ids: Sequence[UUID], beats: float, interval: float) -> int:
    """Write that those of the workers are offline that still are as `find_silent` says; return how many."""
    chosen = (tx.dialect.is_one_of(_WORKER.id, worker_ids), _WORKER.workspace_id == tx.workspace_id)
    silent = select(_WORKER.id).where(*chosen, *_silent(tx, beats, interval)).order_by(_WORKER.id)
    still = (_WORKER.id.in_(silent.with_for_update(skip_locked=True)), _WORKER.status == WorkerStatus.ONLINE.value)
    return await tx.run(update(workers).where(*still).values(status=WorkerStatus.OFFLINE.value, updated=tx.now))


def _silent(tx: Transaction, beats: float, interval: float) -> tuple[ColumnElement[bool], ...]:
    silence = tx.dialect.seconds_between(literal(tx.now, Timestamp()), _WORKER.last_heartbeat_time)
    patience = beats * func.coalesce(_WORKER.heartbeat_interval_seconds, interval)
    return (_WORKER.status == WorkerStatus.ONLINE.value, silence > patience)


async def remove(tx: Transaction, pool_id: UUID, name: str) -> int:
    """Delete a worker; return how many there were."""
    return await tx.run(delete(workers).where(_WORKER.work_pool_id == pool_id, _WORKER.name == name))
