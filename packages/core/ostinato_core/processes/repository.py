"""All SQL about the register of processes. It belongs to no workspace."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update

from ostinato_core.db.prepared import prepare, prepare_insert
from ostinato_core.db.tables import server_processes
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction

_PROCESS = server_processes.c
_INSERT = prepare_insert(server_processes)
_KEEP = prepare(update(server_processes).where(_PROCESS.id == bindparam("process")).values(last_seen=bindparam("now")))
_DELETE = prepare(delete(server_processes).where(_PROCESS.id == bindparam("process")))
_DELETE_UNSEEN = prepare(delete(server_processes).where(_PROCESS.last_seen < bindparam("before")))
_ALL = prepare(select(*_PROCESS).order_by(_PROCESS.started, _PROCESS.id))


async def insert(tx: Transaction, row: JsonDict) -> None:
    """Put a process in the register."""
    await tx.run(_INSERT, row)


async def keep(tx: Transaction, process: UUID) -> bool:
    """Note that a process lives; return whether it is in the register."""
    return await tx.run_alone(_KEEP, {"process": process, "now": tx.now}) == 1


async def remove(tx: Transaction, process: UUID) -> None:
    """Take a process out of the register, if it is there."""
    await tx.run(_DELETE, {"process": process})


async def remove_unseen(tx: Transaction, before: datetime) -> None:
    """Take out those that were last seen before a time."""
    await tx.run(_DELETE_UNSEEN, {"before": before})


async def list_all(tx: Transaction) -> Sequence[Row]:
    """Return all processes of the register, the oldest first."""
    return await tx.rows(_ALL)
