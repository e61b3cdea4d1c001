"""The same random filter, applied by SQL and by plain Python to the same rows, finds the same rows."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostinato_core.filters.paging import page_json
from ostinato_core.flow_runs import operations as flow_runs
from ostinato_core.flows import operations as flows
from ostinato_core.ids import new_id
from ostinato_core.logs import operations as logs
from ostinato_core.task_runs import operations as task_runs
from ostinato_core.transaction import Database
from ostinato_wire.flow_runs import FlowRunSort
from ostinato_wire.queries import FlowRunsPageQuery, FlowRunsQuery, FlowsQuery, LogsQuery, TaskRunsQuery
from tests.contract.contract import DOCUMENT
from tests.contract.shapes import criteria, request_members
from tests.integration.core import predicates, strategies
from tests.integration.core.population import Population, ids
from tests.support.workspace import Workspace

MADE = Population.make(seed=7)
ALL = 10_000

NO_CHOICE = {".flows.deployment.operator"}
"""Operators of filters that have one criterion: both say the same."""

# The population is only read, so examples may share what fixtures made.
examples = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
async def populated(database: Database) -> Workspace:
    """The workspace of the population."""
    return await MADE.stored_in(database)


@pytest.mark.parametrize(
    ("path", "member", "filters"),
    [
        ("/flows/filter", "flows", strategies.flow_filters(MADE)),
        ("/flow_runs/filter", "flow_runs", strategies.flow_run_filters(MADE)),
        ("/task_runs/filter", "task_runs", strategies.task_run_filters(MADE)),
        ("/logs/filter", "logs", strategies.log_filters(MADE)),
    ],
)
def test_every_criterion_of_the_contract_is_asked_for(path: str, member: str, filters: strategies.Filters) -> None:
    asked: set[str] = set()

    @settings(max_examples=400, derandomize=True, database=None, deadline=None)
    @given(filters)
    def ask(wanted: dict[str, Any]) -> None:  # Any: JSON
        asked.update(criteria(wanted, f".{member}"))

    ask()
    known = request_members(DOCUMENT, DOCUMENT["paths"][path]["post"])
    mine = {each for each in known if each.startswith(f".{member}.") and "=" not in each and "[]" not in each}
    assert mine - asked - NO_CHOICE == set()
    assert f".{member}.operator=or_" in asked


@examples
@given(strategies.bodies(MADE))
async def test_flows_are_those_that_fit(populated: Workspace, body: dict[str, Any]) -> None:  # Any: JSON
    query = FlowsQuery.model_validate(body)
    found = await populated.read(flows.read_flows, query, ALL)

    assert ids(found) == ids(predicates.flows_where(MADE, query))
    assert await populated.read(flows.count_flows, query) == len(found)


@examples
@given(strategies.bodies(MADE))
async def test_flow_runs_are_those_that_fit(populated: Workspace, body: dict[str, Any]) -> None:  # Any: JSON
    query = FlowRunsQuery.model_validate(body)
    found = await populated.read(flow_runs.read_flow_runs, query, ALL)

    assert ids(found) == ids(predicates.flow_runs_where(MADE, query))
    assert await populated.read(flow_runs.count_flow_runs, query) == len(found)


@examples
@given(strategies.bodies(MADE))
async def test_task_runs_are_those_that_fit(populated: Workspace, body: dict[str, Any]) -> None:  # Any: JSON
    query = TaskRunsQuery.model_validate(body)
    found = await populated.read(task_runs.read_task_runs, query, ALL)

    assert ids(found) == ids(predicates.task_runs_where(MADE, query))
    assert await populated.read(task_runs.count_task_runs, query) == len(found)


@examples
@given(strategies.log_filters(MADE))
async def test_log_lines_are_those_that_fit(populated: Workspace, wanted: dict[str, Any]) -> None:  # Any: JSON
    query = LogsQuery.model_validate({"logs": wanted})
    found = await populated.read(logs.read_logs, query, ALL)

    assert query.logs is not None
    assert ids(found) == ids([line for line in MADE.logs if predicates.log_matches(line, query.logs)])


@examples
@given(st.sampled_from(FlowRunSort), st.integers(1, 50))
async def test_pages_hold_every_row_once_in_one_order(populated: Workspace, sort: FlowRunSort, limit: int) -> None:
    whole = await populated.read(flow_runs.read_flow_runs, FlowRunsQuery(sort=sort), ALL)
    number = -(-len(whole) // limit)
    pages = [
        await populated.read(flow_runs.read_page, FlowRunsPageQuery(sort=sort, page=page), limit)
        for page in range(1, number + 1)
    ]

    assert [run["id"] for page in pages for run in page["results"]] == [run["id"] for run in whole]
    assert all(page["count"] == len(whole) and page["pages"] == number for page in pages)


@pytest.mark.parametrize(
    ("sort", "column", "descending"),
    [
        (FlowRunSort.ID_DESC, "id", True),
        (FlowRunSort.EXPECTED_START_TIME_ASC, "expected_start_time", False),
        (FlowRunSort.EXPECTED_START_TIME_DESC, "expected_start_time", True),
        (FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC, "next_scheduled_start_time", False),
        (FlowRunSort.END_TIME_DESC, "end_time", True),
        (FlowRunSort.NAME_ASC, "name", False),
        (FlowRunSort.NAME_DESC, "name", True),
    ],
)
async def test_lists_are_sorted(populated: Workspace, sort: FlowRunSort, column: str, descending: bool) -> None:
    found = await populated.read(flow_runs.read_flow_runs, FlowRunsQuery(sort=sort), ALL)
    values = [run[column] for run in found if run[column] is not None]

    assert values == sorted(values, reverse=descending)


async def test_start_times_fall_back_on_expected_ones(populated: Workspace) -> None:
    found = await populated.read(flow_runs.read_flow_runs, FlowRunsQuery(sort=FlowRunSort.START_TIME_ASC), ALL)
    started = [run["start_time"] or run["expected_start_time"] for run in found]
    values = [time for time in started if time is not None]

    assert values == sorted(values)


@pytest.mark.parametrize("number", [500, 501, 40_000])
async def test_any_number_of_values_can_be_asked_for(populated: Workspace, number: int) -> None:
    chosen = MADE.flow_runs[::2]
    some = [*ids(chosen), *(new_id() for _ in range(number - len(chosen)))]
    for criterion, found in (("any_", ids(chosen)), ("not_any_", ids(MADE.flow_runs) - ids(chosen))):
        query = FlowRunsQuery.model_validate({"flow_runs": {"id": {criterion: some}}})

        assert ids(await populated.read(flow_runs.read_flow_runs, query, ALL)) == found


async def test_another_workspace_sees_nothing(populated: Workspace, workspace: Workspace) -> None:
    assert await workspace.read(flows.read_flows, FlowsQuery(), ALL) == []
    assert await workspace.read(flow_runs.read_flow_runs, FlowRunsQuery(), ALL) == []
    assert await workspace.read(task_runs.read_task_runs, TaskRunsQuery(), ALL) == []
    assert await workspace.read(logs.read_logs, LogsQuery(), ALL) == []


@given(st.integers(0, 1000), st.integers(0, 50))
def test_pages_are_as_many_as_it_takes(count: int, limit: int) -> None:
    pages = page_json([], count, limit, 1)["pages"]

    assert pages == 0 if limit == 0 else (pages - 1) * limit < count <= pages * limit or count == pages == 0
