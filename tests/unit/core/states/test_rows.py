"""What rows become in an answer: estimates, defaults that are not stored, and the shape of the wire."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.flow_runs.rows import POLICY as FLOW_RUN_POLICY
from ostinato_core.ids import new_id, time_of_id
from ostinato_core.states.rows import (
    STATE_DETAILS,
    current_state_json,
    details_json,
    estimated_run_time,
    estimated_start_time_delta,
)
from ostinato_core.task_runs.rows import POLICY as TASK_RUN_POLICY
from ostinato_wire.flow_runs import FlowRunPolicy
from ostinato_wire.states import StateDetails
from ostinato_wire.task_runs import TaskRunPolicy

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Row = dict[str, Any]  # Any: columns are of many types


def at(seconds: float) -> datetime:
    """Return a time so many seconds after NOW."""
    return NOW + timedelta(seconds=seconds)


def run(**columns: Any) -> Row:  # Any: as above
    """Return what estimates read of a run."""
    nothing: Row = dict.fromkeys(("state_id", "state_type", "state_timestamp", "start_time", "expected_start_time"))
    return {**nothing, "total_run_time": 0.0, **columns}


def test_a_running_run_is_estimated_up_to_now() -> None:
    assert estimated_run_time(run(state_type="RUNNING", state_timestamp=at(-3), total_run_time=2.5), NOW) == 5.5


def test_an_ended_run_has_run_for_its_total() -> None:
    assert estimated_run_time(run(state_type="COMPLETED", state_timestamp=at(-3), total_run_time=2.5), NOW) == 2.5


@pytest.mark.parametrize(
    ("columns", "delta"),
    [
        ({}, 0.0),
        ({"expected_start_time": at(-10), "start_time": at(-4)}, 6.0),
        ({"expected_start_time": at(-10), "start_time": at(-14)}, 0.0),
        ({"expected_start_time": at(-10), "state_type": "SCHEDULED"}, 10.0),
        ({"expected_start_time": at(-10)}, 10.0),
        ({"expected_start_time": at(-10), "state_type": "CANCELLED"}, 0.0),
        ({"expected_start_time": at(10), "state_type": "SCHEDULED"}, 0.0),
    ],
)
def test_lateness_is_counted_from_the_expected_start(columns: Row, delta: float) -> None:
    assert estimated_start_time_delta(run(**columns), NOW) == delta


@given(st.integers(-100, 100), st.none() | st.integers(-100, 100), st.sampled_from([None, "RUNNING", "FAILED"]))
def test_lateness_is_never_negative(expected: int, started: int | None, state_type: str | None) -> None:
    columns = {"expected_start_time": at(expected), "start_time": None if started is None else at(started)}

    assert estimated_start_time_delta(run(state_type=state_type, **columns), NOW) >= 0


def test_a_run_without_a_state_answers_null() -> None:
    assert current_state_json(run()) is None


def test_details_that_are_not_stored_are_answered_with_their_defaults() -> None:
    assert details_json({"deferred": True}) == {**STATE_DETAILS, "deferred": True}
    assert details_json(None) == STATE_DETAILS


def test_the_defaults_are_those_of_the_wire() -> None:
    assert StateDetails().model_dump(mode="json") == STATE_DETAILS
    assert FlowRunPolicy().model_dump(mode="json") == FLOW_RUN_POLICY
    assert TaskRunPolicy().model_dump(mode="json") == TASK_RUN_POLICY


def test_an_id_tells_when_it_was_made() -> None:
    before = datetime.now(UTC)

    assert abs(time_of_id(new_id()) - before) < timedelta(seconds=5)
