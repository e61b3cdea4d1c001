"""By which index SQLite is to read a list of runs: it does not know how many rows a value has, so it is told.

Postgres keeps statistics of its own, and needs no help.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Integer, Table, func, literal, literal_column, select

from ostinato_core.filters.criteria import Condition, Operator, any_of, like
from ostinato_core.transaction import Transaction
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.task_runs import TaskRunFilter

OrderT = TypeVar("OrderT")

FEW = 5000
"""Rows that are sorted sooner than another index is read until enough of them have come by."""
PROBE, ENOUGH = 10_000, 20
"""Of the newest rows, so many must fit that a list is soon filled by reading on in its order."""


@dataclass(frozen=True, slots=True)
class Path:
    """`walk`: read in the order that is wanted, until there are enough. `sort`: read what matches, and sort it.

    `also`: a condition that all rows meet which match, and by which they are found.
    """

    walk: bool = False
    sort: bool = False
    also: Condition | None = None


async def are_few(tx: Transaction, table: Table, condition: Condition) -> bool:
    """Whether few rows fit; an index must answer."""
    return await tx.value(select(literal(1)).select_from(table).where(condition).limit(1).offset(FEW)) is None


def parts_of_runs(
    runs: FlowRunFilter | TaskRunFilter, order: OrderT, spans: Mapping[str, Collection[OrderT]]
) -> Iterator[dict[str, object]]:
    """Yield what a filter asks of runs and an index answers, each by itself, as members of such a filter.

    `spans` are the times that an index finds, with the orders in which that index has them already: no such part is
    yielded where it would be no help.
    """
    if runs.state is not None and runs.state.operator is Operator.AND:
        if runs.state.type is not None and runs.state.type.any_:
            yield {"state": {"type": {"any_": runs.state.type.any_}}}
        if runs.state.name is not None and runs.state.name.any_:
            yield {"state": {"name": {"any_": runs.state.name.any_}}}
    if runs.name is not None and runs.name.any_:
        yield {"name": {"any_": runs.name.any_}}
    for name, in_order in spans.items():
        asked = None if order in in_order else getattr(runs, name)
        if asked is not None and (asked.after_ or asked.before_):
            yield {name: {"after_": asked.after_, "before_": asked.before_}}


def part_of_name(tx: Transaction, table: Table, runs: FlowRunFilter | TaskRunFilter | None) -> Condition | None:
    """Return the condition that the name of a run has some part, where a filter asks for that; else None."""
    if runs is None or runs.operator is Operator.OR or runs.name is None:
        return None
    return like(tx.dialect, table.c.name, runs.name.like_)


async def rows_of_rare_names(tx: Transaction, table: Table, is_named: Condition) -> Condition | None:
    """Return a condition that all rows meet whose names fit, if they are few; else None.

    The index of names is read for it, which is far smaller than the rows, unless many of the newest rows fit.
    """
    own, of_all = table.c.workspace_id == tx.workspace_id, tx.dialect.unindexed(table.c.workspace_id) == tx.workspace_id
    newest = select(is_named.label("fits")).where(of_all).order_by(table.c.id.desc()).limit(PROBE).subquery()
    if await tx.value(select(func.count()).select_from(newest).where(newest.c.fits)) >= ENOUGH:
        return None
    row = literal_column(f"{table.name}.rowid", Integer)
    found = await tx.rows(select(row.label("row")).where(own, is_named).limit(FEW + 1))
    return any_of(tx.dialect, row, [each["row"] for each in found]) if len(found) <= FEW else None
