"""Deleting a run with all that hangs on it: in one transaction, or, where it is huge, from the leaves to the root."""

from collections import Counter
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, delete, select, update

from ostinato_core.artifacts.operations import delete_artifacts
from ostinato_core.db.tables import artifacts, flow_runs, logs, task_runs, worker_cleanup_messages
from ostinato_core.retention.due_runs import Tree
from ostinato_core.retention.matching import has_ended, is_due
from ostinato_core.retention.policy import Policy
from ostinato_core.transaction import Transaction

Counts = Counter[str]
"""Rows that were deleted, by kind: flow runs, task runs, logs, artifacts."""

_LINE: Final = logs.c


async def delete_trees(tx: Transaction, table: Table, trees: Sequence[Tree], policy: Policy) -> Counts:
    """Delete trees, whose roots are rows of `table`, completely; nothing where one of them is no longer due.

    On Postgres also nothing where another process is at one of them.
    """
    if not await _hold(tx, table, trees, policy):
        return Counts()
    members = [member for tree in trees for member in tree.members]
    alone = [tree.root for tree in trees] if table is task_runs else []
    deleted = Counts()
    deleted["logs"] = await tx.run(delete(logs).where(_hangs_on(tx, logs, members, alone)))
    deleted["artifacts"] = await delete_artifacts(tx, await _artifacts_of(tx, members, alone))
    deleted["task runs"] = await tx.run(delete(task_runs).where(_are_task_runs(tx, members, alone)))
    deleted["flow runs"] = len(members)
    await tx.run(delete(flow_runs).where(tx.dialect.is_one_of(flow_runs.c.id, members)))
    if members:
        target = tx.dialect.json_text(worker_cleanup_messages.c.target, "flow_run_id")
        await tx.run(delete(worker_cleanup_messages).where(target.in_([str(member) for member in members])))
    return deleted


async def delete_part(tx: Transaction, table: Table, tree: Tree, policy: Policy) -> Counts:
    """Delete about a batch of the leaves of a tree that is too large for one transaction; none when few are left.

    The root stays, so whatever happens meanwhile the rest is found again.
    """
    if not await _hold(tx, table, [tree], policy):
        return Counts()
    for member in tree.members or [None]:
        owner = _LINE.flow_run_id == member if member else _LINE.task_run_id == tree.root
        if lines := await _delete_lines(tx, owner, policy.batch):
            return Counts({"logs": lines})
    alone = [tree.root] if table is task_runs else []
    found = await _artifacts_of(tx, tree.members, alone, policy.batch)
    if len(found) == policy.batch:
        return Counts({"artifacts": await delete_artifacts(tx, found)})
    calls = select(flow_runs.c.id).where(flow_runs.c.parent_task_run_id == task_runs.c.id).exists()
    own = tx.dialect.is_one_of(task_runs.c.flow_run_id, tree.members)
    some = select(task_runs.c.id).where(own, ~calls).limit(max(policy.batch // 4, 1))
    ids = [row["id"] for row in await tx.rows(some)] if tree.members else []
    if len(ids) == max(policy.batch // 4, 1):
        return Counts({"task runs": await tx.run(delete(task_runs).where(tx.dialect.is_one_of(task_runs.c.id, ids)))})
    return Counts()


async def _hold(tx: Transaction, table: Table, trees: Sequence[Tree], policy: Policy) -> bool:
    """Lock the runs for this transaction; return whether all of them are still as they were found."""
    roots = [tree.root for tree in trees]
    due = and_(tx.dialect.is_one_of(table.c.id, roots), is_due(tx.dialect, table, policy, tx.now))
    if await _lock(tx, table, due) != len(roots):
        return False
    below = [member for tree in trees for member in tree.members if member != tree.root]
    if not below:
        return True
    ended = and_(tx.dialect.is_one_of(flow_runs.c.id, below), has_ended(flow_runs))
    return await _lock(tx, flow_runs, ended) == len(below)


async def _lock(tx: Transaction, table: Table, condition: ColumnElement[bool]) -> int:
    some = select(table.c.id).where(condition).order_by(table.c.id).with_for_update(skip_locked=True).correlate(None)
    return await tx.run(update(table).where(table.c.id.in_(some)).values(updated=table.c.updated))


async def _delete_lines(tx: Transaction, owner: ColumnElement[bool], batch: int) -> int:
    """Delete the oldest lines, about `batch` of them; 0 where there are fewer."""
    bound = await tx.value(select(_LINE.timestamp).where(owner).order_by(_LINE.timestamp).offset(batch - 1).limit(1))
    return 0 if bound is None else await tx.run(delete(logs).where(owner, _LINE.timestamp <= bound))


async def _artifacts_of(
    tx: Transaction, members: Sequence[UUID], alone: Sequence[UUID], limit: int | None = None
) -> list[UUID]:
    found = select(artifacts.c.id).where(_hangs_on(tx, artifacts, members, alone)).order_by(artifacts.c.id).limit(limit)
    return [row["id"] for row in await tx.rows(found)]


def _hangs_on(tx: Transaction, table: Table, members: Sequence[UUID], alone: Sequence[UUID]) -> ColumnElement[bool]:
    """Whether a line or an artifact is of these flow runs, or of these task runs without a flow run."""
    column, owners = (table.c.flow_run_id, members) if members else (table.c.task_run_id, alone)
    return tx.dialect.is_one_of(column, owners)


def _are_task_runs(tx: Transaction, members: Sequence[UUID], alone: Sequence[UUID]) -> ColumnElement[bool]:
    column, owners = (task_runs.c.flow_run_id, members) if members else (task_runs.c.id, alone)
    return tx.dialect.is_one_of(column, owners)
