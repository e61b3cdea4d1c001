"""Pages of log lines for people who read and search them, from any place in either direction.

A search looks at one slice of lines after the other, each by a transaction of its own, until the page is full or its
time is up: so a search of a million lines holds nobody up, and what it has found is seen while it goes on.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from time import monotonic
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Tuple, literal, select, tuple_

from ostinato_core.db import patterns
from ostinato_core.db.tables import logs, task_runs
from ostinato_core.filters.logs import log_matches
from ostinato_core.logs.repository import ORDERS
from ostinato_core.logs.rows import COLUMNS, log_json
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Database, Transaction
from ostinato_wire.log_pages import LogPageQuery, LogPlace
from ostinato_wire.logs import LogFilter, LogSort

SLICE: Final = 50_000
"""Lines that one statement looks at, at most."""
PATIENCE: Final = 1.0
"""Seconds after which no further slice is begun."""

_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)


async def read_page(database: Database, query: LogPageQuery, *, slice_of: int = SLICE) -> JsonDict:
    """Return a page as `LogPage` has it. Errors: Invalid for a pattern that is none."""
    if query.pattern is not None:
        patterns.check(query.pattern)
    deadline = monotonic() + PATIENCE
    lines: list[JsonDict] = []
    names: dict[str, str] = {}
    after = query.after
    while True:
        part = partial(_read_slice, query=query, after=after, slice_of=slice_of, most=query.limit - len(lines))
        found, found_names, after = await database.read(part)
        lines.extend(map(log_json, found))
        names |= found_names
        if after is None or len(lines) == query.limit or monotonic() >= deadline:
            return {"lines": lines, "task_run_names": names, "next": after and after.model_dump()}


async def _read_slice(
    tx: Transaction, *, query: LogPageQuery, after: LogPlace | None, slice_of: int, most: int
) -> tuple[Sequence[Row], dict[str, str], LogPlace | None]:
    """Return at most `most` lines of a slice that match, the names of their task runs, and where to go on."""
    lines = _of_run(query) if after is None else _of_run(query) & _is_behind(query.sort, after)
    end = await _end_of_slice(tx, query, after, slice_of) if query.is_searched else None
    wanted = [lines, logs.c.workspace_id == tx.workspace_id, *_criteria(tx, query)]
    if end is not None:
        wanted.append(~_is_behind(query.sort, end))
    rows = await tx.rows(select(*COLUMNS).where(*wanted).order_by(*ORDERS[query.sort]).limit(most))
    if len(rows) == most:
        end = LogPlace(timestamp=rows[-1]["timestamp"], id=rows[-1]["id"])
    return rows, await _names(tx, rows), end


def _of_run(query: LogPageQuery) -> ColumnElement[bool]:
    """Whose lines: by the narrower of the two ids, so that its index is taken."""
    if query.task_run_id is not None:
        return logs.c.task_run_id == query.task_run_id
    return logs.c.flow_run_id == query.flow_run_id


def _criteria(tx: Transaction, query: LogPageQuery) -> Iterator[ColumnElement[bool]]:
    """What no index knows, the cheapest first."""
    if query.level is not None:
        yield logs.c.level >= query.level
    if query.without_task:
        yield logs.c.task_run_id.is_(None)
    if query.text is not None:
        yield log_matches(tx.dialect, LogFilter(text=query.text))
    if query.pattern is not None:
        yield tx.dialect.is_matched(logs.c.message, query.pattern)


def _is_behind(sort: LogSort, place: LogPlace) -> ColumnElement[bool]:
    here: Tuple[Any] = tuple_(logs.c.timestamp, logs.c.id)  # Any: columns are of many types
    there: Tuple[Any] = tuple_(literal(place.timestamp, logs.c.timestamp.type), literal(place.id, logs.c.id.type))
    return here > there if sort is LogSort.TIMESTAMP_ASC else here < there


async def _end_of_slice(tx: Transaction, query: LogPageQuery, after: LogPlace | None, slice_of: int) -> LogPlace | None:
    """Return the place behind the last line of a slice, and all lines of its time; None where fewer are left.

    By the time alone, which the index has: no line itself is read for it.
    """
    is_ascending = query.sort is LogSort.TIMESTAMP_ASC
    time = logs.c.timestamp
    last = select(time).where(_of_run(query)).order_by(time if is_ascending else time.desc())
    if after is not None:
        begin = literal(after.timestamp, time.type)
        last = last.where(time >= begin if is_ascending else time <= begin)
    rows = await tx.rows(last.offset(slice_of).limit(1))
    return LogPlace(timestamp=rows[0]["timestamp"], id=_LAST if is_ascending else _FIRST) if rows else None


async def _names(tx: Transaction, rows: Sequence[Row]) -> dict[str, str]:
    """Return the names of the task runs that wrote the lines."""
    ids = {row["task_run_id"] for row in rows} - {None}
    if not ids:
        return {}
    of_ids = tx.dialect.is_one_of(task_runs.c.id, sorted(ids)), task_runs.c.workspace_id == tx.workspace_id
    found = await tx.rows(select(task_runs.c.id, task_runs.c.name).where(*of_ids))
    return {str(row["id"]): row["name"] for row in found}
