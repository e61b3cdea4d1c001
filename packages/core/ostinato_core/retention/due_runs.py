"""Finding the runs that are due: flow runs without a parent, with their trees, and task runs without a flow run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, func, literal, or_, select, true

from ostinato_core.db.tables import artifacts, flow_runs, logs, task_runs
from ostinato_core.retention.matching import due_rule, has_ended
from ostinato_core.retention.policy import Policy, before
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.states import TERMINAL_STATES

PAGE: Final = 500
"""Runs that are looked at in one statement."""

Place = tuple[datetime, UUID]
"""Where a page ended: the end of its last run, and that run's id."""


@dataclass(slots=True)
class Tree:
    """A flow run that is due with all flow runs below it; or a task run on its own, which has none."""

    root: UUID
    rule: int
    ended: datetime
    members: list[UUID] = field(default_factory=list[UUID])
    """Flow runs, the root among them."""
    is_alive: bool = False
    """Whether a flow run of it has not ended: then all of it is kept."""
    task_runs: int = 0
    logs: int = 0
    artifacts: int = 0

    @property
    def rows(self) -> int:
        """How many rows it is about; a run has a few states."""
        return 4 * (len(self.members) + self.task_runs) + self.logs + self.artifacts


async def due_page(
    tx: Transaction, table: Table, policy: Policy, after: Place | None
) -> tuple[list[Tree], Place | None]:
    """Look at the next runs by their end; return those that are due, and where to go on, None at the end.

    `table` is `flow_runs` or `task_runs`. A page is bounded by the runs that are looked at, not by those found.
    """
    rows = await tx.rows(_looked_at(tx, table, policy, after))
    found = [Tree(row["id"], row["rule"], row["end_time"]) for row in rows if row["rule"] is not None]
    return found, (rows[-1]["end_time"], rows[-1]["id"]) if len(rows) == PAGE else None


@dataclass(frozen=True, slots=True)
class Counted:
    """Which lines and which artifacts are counted."""

    logs: ColumnElement[bool] = field(default_factory=true)
    artifacts: ColumnElement[bool] = field(default_factory=true)


ALL: Final = Counted()


async def measure_flow_runs(tx: Transaction, trees: Sequence[Tree], counted: Counted = ALL) -> None:
    """Find the members of trees of flow runs and count what hangs on them."""
    by_root = {tree.root: tree for tree in trees}
    of_member: dict[UUID, Tree] = {}
    for row in await tx.rows(_members(tx, list(by_root))):
        tree = of_member[row["id"]] = by_root[row["root"]]
        tree.members.append(row["id"])
        tree.is_alive = tree.is_alive or row["state_type"] not in TERMINAL_STATES
    for row in await _counts(tx, task_runs, "flow_run_id", list(of_member)):
        of_member[row["id"]].task_runs += row["count"]
    await _count_what_hangs(tx, "flow_run_id", of_member, counted)


async def measure_task_runs(tx: Transaction, trees: Sequence[Tree], counted: Counted = ALL) -> None:
    """Count what hangs on task runs without a flow run."""
    by_root = {tree.root: tree for tree in trees}
    for tree in trees:
        tree.task_runs = 1
    children = select(flow_runs.c.parent_task_run_id.label("id"))
    children = children.where(tx.dialect.is_one_of(flow_runs.c.parent_task_run_id, list(by_root)))
    for row in await tx.rows(children):
        by_root[row["id"]].is_alive = True
    await _count_what_hangs(tx, "task_run_id", by_root, counted)


def _looked_at(
    tx: Transaction, table: Table, policy: Policy, after: Place | None
) -> Select[Any]:  # Any: columns of many types
    assert policy.shortest_run is not None
    rule = due_rule(tx.dialect, table, policy, tx.now)
    alone = table.c.parent_task_run_id if table is flow_runs else table.c.flow_run_id
    statement = (
        select(table.c.id, table.c.end_time, rule.label("rule"))
        .where(table.c.workspace_id == tx.workspace_id, alone.is_(None), has_ended(table))
        .where(table.c.end_time < before(tx.now, policy.shortest_run))
        .order_by(table.c.end_time, table.c.id)
        .limit(PAGE)
    )
    if after is None:
        return statement
    return statement.where(
        table.c.end_time >= after[0], or_(table.c.end_time > after[0], table.c.id > literal(after[1], table.c.id.type))
    )


def _members(tx: Transaction, roots: Sequence[UUID]) -> Select[Any]:  # Any: columns of many types
    run = flow_runs.alias("run")
    start = select(run.c.id.label("root"), run.c.id, run.c.state_type).where(tx.dialect.is_one_of(run.c.id, roots))
    tree = start.cte("tree", recursive=True)
    child, call = flow_runs.alias("child"), task_runs.alias("call")
    below = (
        select(tree.c.root, child.c.id, child.c.state_type)
        .select_from(tree)
        .join(call, call.c.flow_run_id == tree.c.id)
        .join(child, child.c.parent_task_run_id == call.c.id)
    )
    tree = tree.union(below)
    return select(tree.c.root, tree.c.id, tree.c.state_type).order_by(tree.c.id)


async def _count_what_hangs(tx: Transaction, column: str, trees: Mapping[UUID, Tree], counted: Counted) -> None:
    for row in await _counts(tx, logs, column, list(trees), counted.logs):
        trees[row["id"]].logs += row["count"]
    for row in await _counts(tx, artifacts, column, list(trees), counted.artifacts):
        trees[row["id"]].artifacts += row["count"]


async def _counts(
    tx: Transaction, table: Table, column: str, ids: Sequence[UUID], *conditions: ColumnElement[bool]
) -> Sequence[Row]:
    key = table.c[column]
    statement = select(key.label("id"), func.count().label("count"))
    return await tx.rows(statement.where(tx.dialect.is_one_of(key, ids), *conditions).group_by(key))
