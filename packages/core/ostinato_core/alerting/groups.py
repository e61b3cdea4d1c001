"""All SQL about groups of messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, or_, select, update

from ostinato_core.db.prepared import prepare, prepare_insert_or_ignore, prepare_locking
from ostinato_core.db.tables import alert_groups, flow_runs
from ostinato_core.db.types import Timestamp
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.states import StateType

_OWN: Final = alert_groups.c
_INSERT = prepare_insert_or_ignore(alert_groups)
_LOCK_OPEN = prepare_locking(
    select(*_OWN)
    .where(
        _OWN.automation_id == bindparam("automation_id"),
        _OWN.action_index == bindparam("action_index"),
        _OWN.key == bindparam("key"),
        _OWN.closed.is_(None),
    )
    .with_for_update()
)
_LOCK_OF_CARRIER = prepare_locking(select(*_OWN).where(_OWN.carrier_id == bindparam("carrier_id")).with_for_update())
_NEWER: Final = alert_groups.alias("newer")
_RUN: Final = flow_runs.c
_HAS_NEWER = exists().where(
    _NEWER.c.automation_id == _OWN.automation_id,
    _NEWER.c.action_index == _OWN.action_index,
    _NEWER.c.key == _OWN.key,
    _NEWER.c.last > _OWN.last,
)
_HAS_COMPLETED = exists().where(
    _RUN.workspace_id == _OWN.workspace_id,
    or_(_RUN.deployment_id == _OWN.deployment_id, _RUN.flow_id == _OWN.flow_id),
    _RUN.state_type == StateType.COMPLETED.value,
    _RUN.state_timestamp > bindparam("since"),
    _RUN.state_timestamp > _OWN.last,
)
_FIND_RESOLVED = prepare(
    select(_OWN.id, _OWN.workspace_id)
    .where(_OWN.awaits_resolution, _OWN.closed.is_not(None), ~_HAS_NEWER, _HAS_COMPLETED)
    .order_by(_OWN.closed)
    .limit(bindparam("most"))
)
_LOCK_AWAITING = prepare_locking(
    select(*_OWN).where(_OWN.id == bindparam("group_id"), _OWN.awaits_resolution).with_for_update()
)
_RESOLVE = prepare(
    update(alert_groups)
    .where(
        _OWN.automation_id == bindparam("of_automation"),
        _OWN.action_index == bindparam("of_index"),
        _OWN.key == bindparam("of_key"),
        _OWN.awaits_resolution,
    )
    .values(awaits_resolution=False, updated=bindparam("now"))
)
_ENDED: Final = func.coalesce(_OWN.closed, _OWN.due)
"""When a group was closed, or ought to have been: it never is if its automation is deleted first."""
_OLD = select(_OWN.id).where(bindparam("before", type_=Timestamp) > _ENDED).order_by(_ENDED).limit(bindparam("most"))
_DELETE_OLD = prepare(delete(alert_groups).where(_OWN.id.in_(_OLD)))


async def insert(tx: Transaction, row: JsonDict) -> bool:
    """Open a group; return False where there is an open one of the same key."""
    return await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id}) == 1


async def lock_open(tx: Transaction, automation_id: UUID, action_index: int, key: str) -> Row | None:
    """Return the open group of a key, locked until the transaction ends, or None."""
    return await tx.first(_LOCK_OPEN, {"automation_id": automation_id, "action_index": action_index, "key": key})


async def lock_of_carrier(tx: Transaction, delivery_id: UUID) -> Row | None:
    """Return the group that a delivery carries, locked until the transaction ends, or None."""
    return await tx.first(_LOCK_OF_CARRIER, {"carrier_id": delivery_id})


async def write(tx: Transaction, group_id: UUID, values: Mapping[str, Any]) -> None:  # Any: columns of many types
    """Write columns of a group."""
    await tx.run(update(alert_groups).where(_OWN.id == group_id).values(**values, updated=tx.now))


async def delete_old(tx: Transaction, before: datetime, most: int) -> int:
    """Delete groups that were closed, or due, before a time, at most `most`; return how many."""
    return await tx.run(_DELETE_OLD, {"before": before, "most": most})


async def find_resolved(tx: Transaction, since: datetime, most: int) -> Sequence[Row]:
    """Return `id` and `workspace_id` of groups of all workspaces, at most `most`, that are to be told as resolved: of
    their deployment or flow a run has completed after `since` and after the last message, and no newer group tells
    otherwise.
    """
    return await tx.rows(_FIND_RESOLVED, {"since": since, "most": most})


async def take_resolved(tx: Transaction, group_id: UUID) -> Row | None:
    """Return a group, and let neither it nor earlier ones of its key be told as resolved again; None where it was."""
    group = await tx.first(_LOCK_AWAITING, {"group_id": group_id})
    if group is not None:
        of = {"of_automation": group["automation_id"], "of_index": group["action_index"], "of_key": group["key"]}
        await tx.run(_RESOLVE, {**of, "now": tx.now})
    return group
