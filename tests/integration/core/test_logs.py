"""Log lines: stored in bulk, read in order, downloaded as CSV."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from ostinato_core.ids import new_id
from ostinato_core.logs import download
from ostinato_core.logs import operations as logs
from ostinato_core.transaction import Database
from ostinato_wire.logs import Log, LogCreate, LogSort
from ostinato_wire.queries import LogsQuery
from tests.integration.core.population import START
from tests.support.workspace import Workspace

ALL = 10_000


def line(message: str, seconds: float = 0, **members: Any) -> LogCreate:  # Any: members are of many types
    """Return a line some seconds after the start."""
    given = {"name": "root", "level": 20, "timestamp": START + timedelta(seconds=seconds), **members}
    return LogCreate.model_validate({**given, "message": message})


async def messages(workspace: Workspace, **body: Any) -> list[str]:  # Any: members of the body
    """Return the messages of the lines that match."""
    found = await workspace.read(logs.read_logs, LogsQuery.model_validate(body), ALL)
    return [log["message"] for log in found]


async def test_lines_are_stored_as_they_are_told(workspace: Workspace) -> None:
    run, task = new_id(), new_id()
    await workspace.write(logs.create_logs, [line("héllo", 1, level=50, flow_run_id=run, task_run_id=task)])

    (found,) = await workspace.read(logs.read_logs, LogsQuery(), ALL)

    read = Log.model_validate(found)
    assert (read.message, read.level, read.flow_run_id, read.task_run_id) == ("héllo", 50, run, task)
    assert read.timestamp == START + timedelta(seconds=1)
    assert set(found) == set(Log.model_fields)


async def test_a_batch_is_stored_whole_and_in_order(workspace: Workspace) -> None:
    await workspace.write(logs.create_logs, [line(f"line {number}", number // 10) for number in range(2000)])

    wanted = [f"line {number}" for number in range(2000)]
    assert await messages(workspace, sort=LogSort.TIMESTAMP_ASC) == wanted
    assert await messages(workspace, sort=LogSort.TIMESTAMP_DESC) == wanted[::-1]


async def test_nul_characters_are_left_out(workspace: Workspace) -> None:
    await workspace.write(logs.create_logs, [line("a\0b", name="n\0m")])

    (found,) = await workspace.read(logs.read_logs, LogsQuery(), ALL)
    assert (found["message"], found["name"]) == ("ab", "nm")


async def test_no_lines_are_stored_at_all(workspace: Workspace) -> None:
    await workspace.write(logs.create_logs, [])

    assert await messages(workspace) == []


async def test_search_goes_over_message_and_name(workspace: Workspace) -> None:
    await workspace.write(logs.create_logs, [line("one", name="alpha"), line("alpha two"), line("three")])

    assert sorted(await messages(workspace, logs={"text": {"query": "ALPHA"}})) == ["alpha two", "one"]
    assert await messages(workspace, logs={"text": {"query": '"one alpha"'}}) == ["one"]


@pytest.mark.parametrize("size", [0, 1, 3, 4, 7])
async def test_a_download_holds_every_line_of_the_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(download, "PAGE", 3)
    run = new_id()
    # Several lines of one time, so that pages end among them.
    lines = [line(f'say "{number}",\nplease', number // 3, flow_run_id=run) for number in range(size)]
    await workspace.write(logs.create_logs, [*lines, line("other", flow_run_id=new_id())])
    inside = _Inside(workspace)

    text = b"".join([page async for page in download.csv_of_flow_run(inside, run)]).decode()

    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == ["timestamp", "level", "flow_run_id", "task_run_id", "message"]
    assert [row[4] for row in rows] == [one.message for one in lines]
    assert all(row[:4] == [str(START + timedelta(seconds=n // 3)), "20", str(run), ""] for n, row in enumerate(rows))
    assert text.endswith("\r\n")


class _Inside(Database):
    """The database as one workspace sees it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.dialect = workspace.database.dialect

    async def read(self, operation: Any, **_: Any) -> Any:  # Any: passed on as it is
        return await self._workspace.database.read(operation, workspace_id=self._workspace.id)

    async def lookup(self, operation: Any, **_: Any) -> Any:  # Any: passed on as it is
        return await self.read(operation)

    async def write(self, operation: Any, **_: Any) -> Any:  # Any: passed on as it is
        raise NotImplementedError

    async def run_sync(self, function: Any) -> Any:  # Any: passed on as it is
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError
