"""Lists of flow runs hold the same in the same order, whichever index they are read by."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from ostinato_core.filters import path, tag_lists
from ostinato_core.flow_runs import repository as flow_run_rows
from ostinato_core.flow_runs.transitions import create_flow_run
from ostinato_core.flows.operations import create_flow, read_flows
from ostinato_core.transaction import Database
from ostinato_wire.flow_runs import FlowRunCreate, FlowRunSort
from ostinato_wire.flows import FlowCreate
from ostinato_wire.queries import FlowRunsQuery, FlowsQuery

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
STATES = ("COMPLETED", "COMPLETED", "FAILED", "RUNNING", "SCHEDULED")
TAGS: tuple[list[str], ...] = (["etl"], ["etl", "nightly"], [], ['a "quoted", one'], ["x,", "y"])
DAY_3 = (BEGIN + timedelta(days=3)).isoformat()

ASKED: dict[str, dict[str, Any]] = {  # Any: JSON
    "all": {},
    "a state": {"flow_runs": {"state": {"type": {"any_": ["FAILED"]}}}},
    "states": {"flow_runs": {"state": {"type": {"any_": ["FAILED", "RUNNING"]}}}},
    "a state by name": {"flow_runs": {"state": {"name": {"any_": ["Completed"]}}}},
    "a flow": {"flows": {"name": {"any_": ["flow-1"]}}},
    "a state of a flow": {
        "flows": {"name": {"any_": ["flow-1"]}},
        "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
    },
    "since": {"flow_runs": {"start_time": {"after_": DAY_3}}},
    "expected since": {"flow_runs": {"expected_start_time": {"after_": DAY_3}}},
    "a name": {"flow_runs": {"name": {"any_": ["run-3", "run-4"]}}},
    "a part of a name": {"flow_runs": {"name": {"like_": "N-3"}}},
    "a part of a name and a state": {"flow_runs": {"name": {"like_": "un-_"}, "state": {"type": {"any_": ["FAILED"]}}}},
    "a tag": {"flow_runs": {"tags": {"all_": ["etl"]}}},
    "one of some tags": {"flow_runs": {"tags": {"any_": ["nightly", "x,", "none"]}}},
    "a tag and a state": {"flow_runs": {"tags": {"all_": ["etl"]}, "state": {"type": {"any_": ["COMPLETED"]}}}},
    "one or the other": {
        "flow_runs": {"operator": "or_", "name": {"any_": ["run-3"]}, "state": {"type": {"any_": ["FAILED"]}}}
    },
}


@pytest.fixture
async def runs(database: Database) -> list[UUID]:
    """Thirty runs of three flows over six days."""
    made: list[UUID] = []
    for number in range(30):
        flow, _ = await database.write(lambda tx, n=number: create_flow(tx, FlowCreate(name=f"flow-{n % 3}")))
        due = BEGIN + timedelta(hours=5 * ((number * 7) % 30))
        state = {"type": STATES[number % 5], "timestamp": due.isoformat()}
        body = {"flow_id": str(flow["id"]), "name": f"run-{number % 10}", "state": state, "tags": TAGS[number // 2 % 5]}
        create = FlowRunCreate.model_validate(body)
        run, _ = await database.write(lambda tx, create=create: create_flow_run(tx, create))
        expected = {"expected_start_time": due, "start_time": due if number % 2 else None}
        await database.write(lambda tx, id_=run["id"], expected=expected: flow_run_rows.write(tx, id_, expected))
        made.append(run["id"])
    return made


async def _listed(database: Database, body: dict[str, Any], sort: FlowRunSort) -> list[UUID]:  # Any: JSON
    query = FlowRunsQuery.model_validate(body)
    rows = await database.read(lambda tx: flow_run_rows.select_where(tx, query, sort, 200, 0))
    return [row["id"] for row in rows]


async def test_few_and_many_are_listed_alike(
    database: Database, runs: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    for (name, body), sort in product(ASKED.items(), FlowRunSort):
        monkeypatch.setattr(path, "FEW", 5000)
        sorted_ = await _listed(database, body, sort)
        monkeypatch.setattr(path, "FEW", 0)
        walked = await _listed(database, body, sort)
        assert walked == sorted_, (name, sort)
        assert set(sorted_) & set(runs), name


async def test_tags_are_found_where_there_are_many_lists_of_them(
    database: Database, runs: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    tagged: dict[str, Any] = {"flow_runs": {"tags": {"all_": ["etl"]}}}  # Any: JSON
    found = await _listed(database, tagged, FlowRunSort.ID_DESC)
    monkeypatch.setattr(tag_lists, "MOST_LISTS", 1)
    assert await _listed(database, tagged, FlowRunSort.ID_DESC) == found
    assert set(found) & set(runs)


@pytest.mark.usefixtures("runs")
async def test_runs_are_counted_as_they_are_listed(database: Database) -> None:
    for name, body in ASKED.items():
        query = FlowRunsQuery.model_validate(body)
        count = await database.read(lambda tx, query=query: flow_run_rows.count_where(tx, query))
        assert count == len(await _listed(database, body, FlowRunSort.ID_DESC)), name


@pytest.mark.parametrize(
    ("tag", "count"), [("etl", 12), ("nightly", 6), ('a "quoted", one', 6), ("quoted", 0), ("x,", 6), ("y", 6), ("", 0)]
)
async def test_a_tag_is_found_as_a_whole(database: Database, runs: list[UUID], tag: str, count: int) -> None:
    for criterion in ("all_", "any_"):
        found = await _listed(database, {"flow_runs": {"tags": {criterion: [tag]}}}, FlowRunSort.ID_DESC)
        assert len(set(found) & set(runs)) == count, criterion


@pytest.mark.usefixtures("runs")
async def test_flows_are_found_by_runs_of_a_time(database: Database) -> None:
    late = {"start_time": {"after_": (BEGIN + timedelta(hours=140)).isoformat()}}
    query = FlowsQuery.model_validate({"flow_runs": late})
    flows = await database.read(lambda tx: read_flows(tx, query, 200))
    matching = FlowRunsQuery.model_validate({"flow_runs": late})
    rows = await database.read(lambda tx: flow_run_rows.select_where(tx, matching, FlowRunSort.ID_DESC, 200, 0))
    assert rows
    assert {flow["id"] for flow in flows} == {row["flow_id"] for row in rows}
