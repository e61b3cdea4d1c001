"""The lines of a flow run as CSV, read a page at a time, so that no run is too long."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from ostinato_core.logs import repository
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Database

HEADER = ("timestamp", "level", "flow_run_id", "task_run_id", "message")
PAGE = 1000
"""Lines of a page."""


async def csv_of_flow_run(database: Database, flow_run_id: UUID) -> AsyncIterator[bytes]:
    """Yield CSV in UTF-8, lines by time; each page is a transaction of its own."""
    yield _csv([HEADER])
    after: tuple[datetime, UUID] | None = None
    while True:
        rows = await database.read(partial(repository.select_after, flow_run_id=flow_run_id, after=after, limit=PAGE))
        if rows:
            yield _csv(map(_cells, rows))
            after = rows[-1]["timestamp"], rows[-1]["id"]
        if len(rows) < PAGE:
            return


def _cells(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in HEADER)


def _csv(lines: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()
