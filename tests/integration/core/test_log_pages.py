"""Pages of log lines: from any place in both directions, searched a slice at a time."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from ostinato_core.errors import Invalid
from ostinato_core.ids import DEFAULT_WORKSPACE_ID, new_id
from ostinato_core.logs import operations as logs
from ostinato_core.logs.pages import read_page
from ostinato_core.transaction import Database
from ostinato_wire.log_pages import LogPage, LogPageQuery
from tests.integration.core.population import START
from tests.integration.core.test_logs import line

LINES = 25
SLICE = 4


@pytest.fixture
async def run(database: Database) -> UUID:
    """A flow run with lines, of which three at a time have the same time; each fifth is an error of a task."""
    flow_run, task = new_id(), new_id()
    lines = [
        line(
            f"line {number}" + (" Broken\npipe" if number % 5 == 0 else ""),
            number // 3,
            flow_run_id=flow_run,
            level=40 if number % 5 == 0 else 20,
            task_run_id=task if number % 5 == 0 else None,
        )
        for number in range(LINES)
    ]
    other = line("line of another run", 1, flow_run_id=new_id())
    await database.write(lambda tx: logs.create_logs(tx, [*lines, other]), workspace_id=DEFAULT_WORKSPACE_ID)
    return flow_run


async def page(database: Database, run: UUID, **members: Any) -> LogPage:  # Any: members of the query
    """Return a page of the run's lines, looked at in small slices."""
    query = LogPageQuery.model_validate({"flow_run_id": run, **members})
    return LogPage.model_validate(await read_page(database, query, slice_of=SLICE))


async def numbers(database: Database, run: UUID, **members: Any) -> list[int]:  # Any: members of the query
    """Return the numbers of all lines that match, page by page."""
    found: list[int] = []
    while True:
        part = await page(database, run, **members)
        found.extend(int(each.message.split()[1]) for each in part.lines)
        if part.next is None:
            return found
        members["after"] = part.next


@pytest.mark.parametrize("limit", [1, 2, 7, LINES, 200])
async def test_pages_follow_each_other_in_both_directions(database: Database, run: UUID, limit: int) -> None:
    assert await numbers(database, run, limit=limit) == list(range(LINES))
    assert await numbers(database, run, limit=limit, sort="TIMESTAMP_DESC") == list(range(LINES))[::-1]


async def test_a_page_begins_at_a_time(database: Database, run: UUID) -> None:
    place = {"timestamp": START + timedelta(seconds=4), "id": UUID(int=0)}

    assert (await numbers(database, run, after=place, limit=3))[0] == 12
    assert await numbers(database, run, after=place, sort="TIMESTAMP_DESC") == list(range(12))[::-1]


@pytest.mark.parametrize("sort", ["TIMESTAMP_ASC", "TIMESTAMP_DESC"])
@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"text": {"query": "BROKEN"}}, range(0, LINES, 5)),
        ({"level": 40}, range(0, LINES, 5)),
        ({"without_task": True}, [number for number in range(LINES) if number % 5]),
        ({"pattern": r"^LINE \d\b"}, range(10)),
        ({"pattern": r"broken.pipe$", "level": 40}, range(0, LINES, 5)),
        ({"pattern": r"line (?:3|14)\b", "text": {"query": "line"}}, [3, 14]),
        ({"pattern": "100%"}, []),
    ],
)
@pytest.mark.parametrize("limit", [2, 100])
async def test_a_search_finds_all_that_fits(
    database: Database,
    run: UUID,
    criteria: dict[str, Any],  # Any: members of the query
    expected: range | list[int],
    sort: str,
    limit: int,
) -> None:
    wanted = list(expected) if sort == "TIMESTAMP_ASC" else list(expected)[::-1]

    assert await numbers(database, run, sort=sort, limit=limit, **criteria) == wanted


@pytest.mark.parametrize(
    ("pattern", "why"),
    [("(a", "missing"), ("a(?=b)", "perl operator"), (r"\pL", "not supported"), (r"(?i)a", "not supported")],
)
async def test_a_pattern_that_is_none_is_refused(database: Database, run: UUID, pattern: str, why: str) -> None:
    with pytest.raises(Invalid, match=f"Invalid pattern: .*{why}"):
        await page(database, run, pattern=pattern)
