"""Task runs: lists hold the same whichever index they are read by, and are counted as plain rows are."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostinato_core.filters import path
from ostinato_core.task_runs import operations as task_runs
from ostinato_core.task_runs import summaries
from ostinato_core.transaction import Database
from ostinato_wire.queries import TaskRunsQuery, TaskRunsWhere
from ostinato_wire.task_runs import TaskRunFilter, TaskRunSort
from ostinato_wire.ui import TaskRunCountsQuery
from tests.integration.core import predicates, strategies
from tests.integration.core.population import START, Population, Row
from tests.support.workspace import Workspace

MADE = Population.make(seed=17)
ALL = 10_000
GOOD, BAD = {"COMPLETED", "CANCELLED"}, {"FAILED", "CRASHED"}

examples = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
moments = st.integers(-300, 300).map(lambda seconds: START + timedelta(seconds=seconds))


@pytest.fixture
async def populated(database: Database) -> Workspace:
    """The workspace of the population."""
    return await MADE.stored_in(database)


@examples
@given(strategies.bodies(MADE), st.sampled_from(TaskRunSort))
async def test_few_and_many_are_listed_alike(populated: Workspace, body: dict[str, Any], sort: TaskRunSort) -> None:
    # Any: JSON
    query = TaskRunsQuery.model_validate({**body, "sort": sort})
    few = await populated.read(task_runs.read_task_runs, query, ALL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(path, "FEW", 0)
        many = await populated.read(task_runs.read_task_runs, query, ALL)
    assert [run["id"] for run in few] == [run["id"] for run in many]


def between(since: datetime, until: datetime) -> TaskRunFilter:
    """Return the filter of task runs that started in a closed span of time."""
    return TaskRunFilter.model_validate({"start_time": {"after_": since, "before_": until}})


@examples
@given(moments, moments)
async def test_task_runs_are_counted_by_state(populated: Workspace, since: datetime, until: datetime) -> None:
    wanted = between(since, until)
    found = await populated.read(summaries.count_by_state, TaskRunsWhere(task_runs=wanted))
    runs = [run for run in MADE.task_runs if predicates.task_run_matches(run, wanted, MADE)]
    assert sum(found.values()) == len(runs)
    assert all(count == sum(run["state_type"] == kind for run in runs) for kind, count in found.items())
    named = TaskRunsWhere(task_runs=wanted.model_copy(update={"id": _all_ids()}))
    assert await populated.read(summaries.count_by_state, named) == found


def _all_ids() -> Any:  # Any: a filter of ids
    return TaskRunFilter.model_validate({"id": {"any_": [run["id"] for run in MADE.task_runs]}}).id


@examples
@given(moments, moments)
async def test_task_runs_are_counted_over_time(populated: Workspace, since: datetime, until: datetime) -> None:
    query = TaskRunCountsQuery(task_runs=between(since, until))
    counts = await populated.read(summaries.count_over_time, query)
    start = since.replace(second=0, microsecond=0)
    width = (until.replace(second=0, microsecond=0) + timedelta(minutes=1) - start) // summaries.INTERVALS
    expected = [{"completed": 0, "failed": 0} for _ in range(summaries.INTERVALS)]
    for run in MADE.task_runs:
        if predicates.task_run_matches(run, query.task_runs, MADE):
            place = min((run["start_time"] - start) // width, summaries.INTERVALS - 1)
            expected[place]["completed"] += _is(run, GOOD)
            expected[place]["failed"] += _is(run, BAD)
    assert counts == expected


def _is(run: Row, kinds: set[str]) -> int:
    return int(run["state_type"] in kinds)
