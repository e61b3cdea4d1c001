"""Histories: runs counted by state and interval agree with the same sums over plain rows."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostinato_core.flow_runs import operations as flow_runs
from ostinato_core.task_runs import operations as task_runs
from ostinato_core.transaction import Database
from ostinato_wire.flow_runs import HistoryInterval
from ostinato_wire.queries import FlowRunHistoryQuery, TaskRunHistoryQuery
from tests.integration.core.population import START, Population, Row
from tests.support.workspace import Workspace

MADE = Population.make(seed=11)

examples = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
starts = st.integers(-20_000_000, 60_000_000).map(lambda microseconds: START + timedelta(microseconds=microseconds))
widths = st.sampled_from([1, 1.000001, 1.5, 5, 7.25, 60])


@pytest.fixture
async def populated(database: Database) -> Workspace:
    """The workspace of the population."""
    return await MADE.stored_in(database)


def counts(rows: list[Row], start: datetime, width: timedelta, number: int) -> list[dict[tuple[str, str], int]]:
    """Return, for each interval, how many rows of each state were expected to start in it."""
    found: list[defaultdict[tuple[str, str], int]] = [defaultdict(int) for _ in range(number)]
    for row in rows:
        expected = row["expected_start_time"]
        if expected is not None and start <= expected < start + width * number:
            found[(expected - start) // width][row["state_type"], row["state_name"]] += 1
    return [dict(interval) for interval in found]


def told(history: list[dict[str, Any]]) -> list[dict[tuple[str, str], int]]:  # Any: members of the answer
    """Return the same from an answer."""
    return [{(s["state_type"], s["state_name"]): s["count_runs"] for s in each["states"]} for each in history]


@examples
@given(starts, st.floats(0, 100), widths)
async def test_runs_are_counted_where_they_were_expected(
    populated: Workspace, start: datetime, length: float, seconds: float
) -> None:
    asked = {"history_start": start, "history_end": start + timedelta(seconds=length)}
    query = FlowRunHistoryQuery.model_validate({**asked, "history_interval_seconds": seconds})
    history = await populated.read(flow_runs.read_flow_run_history, query)

    width = timedelta(seconds=seconds)
    assert [each["interval_start"] for each in history] == [start + width * n for n in range(len(history))]
    assert all(each["interval_end"] - each["interval_start"] == width for each in history)
    assert len(history) == 1 or history[-1]["interval_start"] < query.history_end
    assert history[-1]["interval_end"] >= query.history_end
    assert told(history) == counts(MADE.flow_runs, start, width, len(history))


async def test_sums_are_those_of_the_runs(populated: Workspace) -> None:
    asked = {"history_start": START, "history_end": START + timedelta(hours=1), "history_interval_seconds": 3600}
    (whole,) = await populated.read(task_runs.read_task_run_history, TaskRunHistoryQuery.model_validate(asked))
    HistoryInterval.model_validate(whole)

    for state in whole["states"]:
        rows = [
            row
            for row in MADE.task_runs
            if (row["state_type"], row["state_name"]) == (state["state_type"], state["state_name"])
            and row["expected_start_time"] is not None
        ]
        assert state["count_runs"] == len(rows)
        if state["state_type"] == "COMPLETED":
            assert state["sum_estimated_run_time"] == sum(row["total_run_time"] for row in rows)
            late = [
                (row["start_time"] - row["expected_start_time"]).total_seconds() for row in rows if row["start_time"]
            ]
            assert state["sum_estimated_lateness"] == sum(max(seconds, 0.0) for seconds in late)


async def test_a_history_has_at_most_500_intervals(populated: Workspace) -> None:
    asked = {"history_start": START, "history_end": START + timedelta(days=9), "history_interval_seconds": 1}

    assert len(await populated.read(task_runs.read_task_run_history, TaskRunHistoryQuery.model_validate(asked))) == 500


async def test_a_history_that_ends_before_it_starts_has_one_interval(populated: Workspace) -> None:
    asked = {"history_start": START, "history_end": START - timedelta(days=9), "history_interval_seconds": 10}

    history = await populated.read(task_runs.read_task_run_history, TaskRunHistoryQuery.model_validate(asked))

    assert [each["interval_start"] for each in history] == [START]


async def test_filters_restrict_a_history(populated: Workspace) -> None:
    asked = {"history_start": START, "history_end": START + timedelta(hours=1), "history_interval_seconds": 3600}
    body = {**asked, "flow_runs": {"state": {"type": {"any_": ["FAILED"]}}}}

    (whole,) = await populated.read(flow_runs.read_flow_run_history, FlowRunHistoryQuery.model_validate(body))

    assert {state["state_type"] for state in whole["states"]} == {"FAILED"}
