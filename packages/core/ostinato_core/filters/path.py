"""By which index SQLite is to read a list of runs: it does not know how many rows a value has, so it is told.

Postgres keeps statistics of its own, and needs no help.
"""

from dataclasses import dataclass

from sqlalchemy import Table, literal, select

from ostinato_core.filters.criteria import Condition
from ostinato_core.transaction import Transaction

FEW = 5000
"""Rows that are sorted sooner than another index is read until enough of them have come by."""


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
