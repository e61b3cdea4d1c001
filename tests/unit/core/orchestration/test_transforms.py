"""What a written state does to the columns of its run, and to itself."""

from datetime import timedelta
from typing import Any

import pytest

from ostinato_core.orchestration.policies import FLOW_MINIMAL, TASK_MINIMAL
from ostinato_core.orchestration.states import DEFAULT_DETAILS, RunState, wire_time
from ostinato_core.orchestration.transition import CopyToParentTask, Proposer
from ostinato_wire.states import TERMINAL_STATES, StateType
from tests.support.orchestration import (
    EARLIER,
    FLOW_RUN,
    NOW,
    PARENT_TASK_RUN,
    TASK_RUN,
    Values,
    ask,
    flow_run,
    state,
    task_run,
)

S = StateType
DUE = NOW + timedelta(hours=1)
STARTED = EARLIER - timedelta(minutes=1)
KNOWN: Values = {"expected_start_time": STARTED, "start_time": STARTED}


async def changes(current: RunState | None, proposed: RunState, **columns: Any) -> Values:  # any column
    """Return the changed columns of a flow run after a forced state."""
    return (await ask(flow_run(current, **columns), proposed, FLOW_MINIMAL)).changes


async def test_the_first_state_sets_the_expected_start() -> None:
    assert await changes(None, state(S.PENDING, at=NOW)) == {"expected_start_time": NOW}


async def test_a_first_scheduled_state_sets_the_times_to_its_own() -> None:
    found = await changes(None, state(S.SCHEDULED, at=NOW, scheduled_time=wire_time(DUE)))
    assert found == {"expected_start_time": DUE, "next_scheduled_start_time": DUE}


async def test_leaving_scheduled_clears_the_next_start() -> None:
    found = await changes(state(S.SCHEDULED), state(S.PENDING, at=NOW), next_scheduled_start_time=DUE, **KNOWN)
    assert found == {"next_scheduled_start_time": None}


async def test_the_first_running_state_starts_the_run() -> None:
    found = await changes(state(S.PENDING), state(S.RUNNING, at=NOW), expected_start_time=STARTED)
    assert found == {"start_time": NOW, "run_count": 1}


async def test_a_later_running_state_keeps_the_start() -> None:
    assert await changes(state(S.PENDING), state(S.RUNNING, at=NOW), run_count=1, **KNOWN) == {"run_count": 2}


async def test_time_in_running_adds_up() -> None:
    found = await changes(state(S.RUNNING), state(S.PENDING, at=NOW), total_run_time=timedelta(seconds=1), **KNOWN)
    assert found == {"total_run_time": timedelta(seconds=11)}


@pytest.mark.parametrize("type_", sorted(TERMINAL_STATES))
async def test_a_terminal_state_ends_the_run(type_: StateType) -> None:
    assert await changes(state(S.PENDING), state(type_, at=NOW), **KNOWN) == {"end_time": NOW}


async def test_a_run_that_ends_before_it_starts_starts_then() -> None:
    found = await changes(state(S.PENDING), state(S.CANCELLED, at=NOW), expected_start_time=STARTED)
    assert found == {"end_time": NOW, "start_time": NOW}


async def test_the_first_end_counts() -> None:
    assert await changes(state(S.FAILED), state(S.COMPLETED, at=NOW), end_time=EARLIER, **KNOWN) == {}


async def test_a_run_that_goes_on_has_not_ended() -> None:
    found = await changes(state(S.FAILED), state(S.PENDING, at=NOW), end_time=EARLIER, **KNOWN)
    assert found == {"end_time": None}


@pytest.mark.parametrize(
    ("api_version", "expected"),
    [((0, 8, 4), {"empirical_policy": {"retries": 2, "resuming": False}}), ((0, 8, 3), {"run_count": 2})],
)
async def test_a_resumed_run_is_not_counted_again(api_version: tuple[int, ...], expected: Values) -> None:
    run = flow_run(state(S.PENDING), run_count=1, empirical_policy={"retries": 2, "resuming": True}, **KNOWN)
    outcome = await ask(run, state(S.RUNNING, at=NOW), FLOW_MINIMAL, proposer=Proposer(api_version))
    assert outcome.changes == expected


async def test_an_ended_run_does_not_resume() -> None:
    found = await changes(state(S.PENDING), state(S.FAILED, at=NOW), empirical_policy={"resuming": True}, **KNOWN)
    assert found == {"end_time": NOW, "empirical_policy": {"resuming": False}}


@pytest.mark.parametrize("behind", [timedelta(0), timedelta(seconds=3)])
async def test_a_clock_that_stands_still_or_goes_back_is_overruled(behind: timedelta) -> None:
    outcome = await ask(flow_run(state(S.PENDING, at=NOW)), state(S.RUNNING, at=NOW - behind), FLOW_MINIMAL)
    assert outcome.state is not None
    assert outcome.state.timestamp == NOW + timedelta(microseconds=1)
    assert outcome.changes["start_time"] == outcome.state.timestamp


async def test_a_flow_runs_state_names_its_run() -> None:
    outcome = await ask(flow_run(), state(S.PENDING, at=NOW), FLOW_MINIMAL)
    assert outcome.state is not None
    assert outcome.state.details == DEFAULT_DETAILS | {"flow_run_id": str(FLOW_RUN)}
    assert outcome.after == []


async def test_a_sub_flow_runs_state_is_copied_to_its_task_run() -> None:
    run = flow_run(state(S.RUNNING), parent_task_run_id=PARENT_TASK_RUN)
    outcome = await ask(run, state(S.COMPLETED, "Done", at=NOW, message="m", data={"a": 1}), FLOW_MINIMAL)
    assert outcome.state is not None
    ids = {"flow_run_id": str(FLOW_RUN), "task_run_id": str(PARENT_TASK_RUN)}
    assert outcome.state.details == DEFAULT_DETAILS | ids
    (instruction,) = outcome.after
    assert isinstance(instruction, CopyToParentTask)
    copied = instruction.state
    assert instruction.task_run_id == PARENT_TASK_RUN
    assert copied.id != outcome.state.id
    assert (copied.type, copied.name, copied.message, copied.data) == (S.COMPLETED, "Done", "m", {"a": 1})
    assert copied.timestamp == NOW
    assert copied.details == outcome.state.details | {"child_flow_run_id": str(FLOW_RUN)}


async def test_a_task_runs_state_names_both_runs_and_counts() -> None:
    outcome = await ask(task_run(state(S.PENDING), **KNOWN), state(S.RUNNING, at=NOW), TASK_MINIMAL)
    assert outcome.state is not None
    assert outcome.state.details == DEFAULT_DETAILS | {"flow_run_id": str(FLOW_RUN), "task_run_id": str(TASK_RUN)}
    assert outcome.changes == {"run_count": 1}


async def test_a_task_run_without_flow_names_none_even_if_the_state_did() -> None:
    run = task_run(state(S.PENDING), flow_run_id=None)
    outcome = await ask(run, state(S.COMPLETED, at=NOW, flow_run_id=str(FLOW_RUN)), TASK_MINIMAL)
    assert outcome.state is not None
    assert outcome.state.details["flow_run_id"] is None
