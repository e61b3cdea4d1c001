"""All SQL about the register of task workers: one row a connection, which lapses unless it is kept."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update

from ostinato_core.db.prepared import prepare, prepare_insert
from ostinato_core.db.tables import task_workers
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction

_WORKER = task_workers.c
_INSERT = prepare_insert(task_workers)
_DELETE = prepare(delete(task_workers).where(_WORKER.id == bindparam("connection")))
_DELETE_LAPSED = prepare(delete(task_workers).where(_WORKER.expires < bindparam("now")))


async def insert(
    tx: Transaction, connection: UUID, identifier: str, task_keys: Sequence[str], expires: datetime
) -> None:
    """Register a connection until a time; those that have lapsed are removed."""
    await tx.run(_DELETE_LAPSED, {"now": tx.now})
    row = {
        "id": connection,
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "identifier": identifier,
        "task_keys": list(task_keys),
        "last_contact": tx.now,
        "expires": expires,
    }
    await tx.run(_INSERT, row)


async def keep(tx: Transaction, connections: Sequence[UUID], expires: datetime) -> None:
    """Note that these connections are alive."""
    alive = tx.dialect.is_one_of(_WORKER.id, connections)
    await tx.run(update(task_workers).where(alive).values(last_contact=tx.now, expires=expires))


async def remove(tx: Transaction, connection: UUID) -> None:
    """Remove a connection."""
    await tx.run(_DELETE, {"connection": connection})


async def list_alive(tx: Transaction) -> Sequence[Row]:
    """Return the connections that have not lapsed, the oldest first."""
    own = (_WORKER.workspace_id == tx.workspace_id, _WORKER.expires > tx.now)
    return await tx.rows(select(*_WORKER).where(*own).order_by(_WORKER.created, _WORKER.id))
