"""Rare tags on SQLite, which has no index of what lists hold: it steps from one list of tags to the next in an index.

Runs have many tags, but few different lists of them. Where there are too many, rows are read as without this.
"""

from typing import Any

import orjson
from sqlalchemy import ColumnElement, Table, Text, func, literal_column, select, type_coerce

from ostinato_core.filters.criteria import Condition, Operator, any_of, combine
from ostinato_core.filters.path import are_few
from ostinato_core.transaction import Transaction
from ostinato_wire.filters import AllTags, AnyOrAllTags

MOST_LISTS = 1000


async def rows_with_rare_tags(tx: Transaction, table: Table, wanted: AllTags | None) -> Condition | None:
    """Return a condition that an index answers and that all rows with the tags meet, if they are few; else None."""
    if tx.dialect.keeps_statistics or wanted is None or wanted.operator is Operator.OR:
        return None
    all_, any_ = set(wanted.all_ or ()), set(wanted.any_ or () if isinstance(wanted, AnyOrAllTags) else ())
    if not all_ and not any_:
        return None
    stored = await _stored_lists(tx, table)
    if stored is None:
        return None
    tags = ((text, set[Any](orjson.loads(text))) for text in stored)  # Any: members of JSON
    fitting = [text for text, held in tags if all_ <= held and (not any_ or any_ & held)]
    condition = combine(Operator.AND, (*_own(tx, table), any_of(tx.dialect, _text(table), fitting)))
    return condition if await are_few(tx, table, condition) else None


async def _stored_lists(tx: Transaction, table: Table) -> list[str] | None:
    found = select(func.min(_text(table)).label("tags")).where(*_own(tx, table)).cte("lists", recursive=True)
    above = select(func.min(_text(table))).where(*_own(tx, table), _text(table) > found.c.tags).scalar_subquery()
    found = found.union_all(select(above).where(found.c.tags.is_not(None)))
    rows = await tx.rows(select(found.c.tags).where(found.c.tags.is_not(None)).limit(MOST_LISTS + 1))
    return [row["tags"] for row in rows] if len(rows) <= MOST_LISTS else None


def _own(tx: Transaction, table: Table) -> tuple[Condition, Condition]:
    # The second one as the index has it, so that SQLite knows it again.
    return table.c.workspace_id == tx.workspace_id, table.c.tags != literal_column("'[]'")


def _text(table: Table) -> ColumnElement[str]:
    return type_coerce(table.c.tags, Text)
