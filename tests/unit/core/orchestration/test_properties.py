"""What holds for a run whatever is proposed to it, in whatever order."""

import asyncio
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato_core.orchestration.policies import flow_run_policy, task_run_policy
from ostinato_core.orchestration.states import DEFAULT_DETAILS
from ostinato_core.orchestration.transition import FlowRunFacts, FlowRunStanding, Outcome, RunFacts, TaskRunFacts
from ostinato_wire.states import TERMINAL_STATES, SetStateStatus, StateType
from tests.support.orchestration import DEPLOYMENT, NOW, PARENT_TASK_RUN, FakePorts, ask, flow_run, state, task_run

NAMES = st.sampled_from([None, "Late", "Suspended", "Resuming", "AwaitingRetry", "Pending", "Custom"])
TIMES = st.sampled_from(["2020-01-01T00:00:00Z", "2040-01-01T00:00:00Z"])
DETAILS = st.fixed_dictionaries(
    {},
    optional={
        "transition_id": st.sampled_from(["t1", "t2"]),
        "scheduled_time": TIMES,
        "pause_timeout": TIMES,
        "pause_reschedule": st.booleans(),
        "pause_key": st.sampled_from("ab"),
        "deferred": st.booleans(),
        "retriable": st.booleans(),
        "cache_key": st.sampled_from(["k", "k" * 2001]),
        "data": st.sampled_from([None, {"type": "ref"}, {"type": "unpersisted"}, "text"]),
    },
)
PROPOSALS = st.lists(
    st.tuples(st.sampled_from(StateType), NAMES, DETAILS, st.booleans(), st.integers(-2, 5)), max_size=12
)
POLICIES = st.fixed_dictionaries({}, optional={"retries": st.integers(0, 2), "retry_delay": st.integers(0, 3)})


def check_invariants(before: RunFacts, outcome: Outcome) -> None:
    after, written = outcome.run, outcome.state
    assert outcome.details["type"] == f"{outcome.status.value.lower()}_details"
    if outcome.status in (SetStateStatus.WAIT, SetStateStatus.ABORT):
        assert written is None
    if written is None:
        assert after is before
        assert (outcome.changes, outcome.after) == ({}, [])
        return
    assert after.state is written
    assert set(written.details) == set(DEFAULT_DETAILS)
    assert (after.end_time is not None) == (written.type in TERMINAL_STATES)
    assert after.end_time is None or (after.start_time is not None and after.start_time <= after.end_time)
    assert (after.next_scheduled_start_time is not None) == (written.type is StateType.SCHEDULED)
    assert after.expected_start_time is not None
    assert after.total_run_time >= before.total_run_time
    assert before.state is None or written.timestamp > before.state.timestamp
    assert set(outcome.changes) <= set(after.WRITABLE)
    for column in after.WRITABLE:
        assert getattr(after, column) == outcome.changes.get(column, getattr(before, column))


@given(PROPOSALS, POLICIES, st.booleans(), st.booleans())
@settings(deadline=None)
def test_flow_runs(proposals: list[Any], policy: dict[str, Any], deployed: bool, child: bool) -> None:
    run = flow_run(
        empirical_policy=policy,
        deployment_id=DEPLOYMENT if deployed else None,
        parent_task_run_id=PARENT_TASK_RUN if child else None,
    )
    now = NOW
    for type_, name, members, force, seconds in proposals:
        now += timedelta(seconds=seconds)
        proposed = state(type_, name, at=now, **members)
        outcome = asyncio.run(ask(run, proposed, flow_run_policy(force=force)))
        check_invariants(run, outcome)
        enters = outcome.state is not None and outcome.state.type is StateType.RUNNING
        resumes = bool(run.empirical_policy.get("resuming"))
        assert isinstance(outcome.run, FlowRunFacts)
        from_the_end = run.state is not None and run.state.is_final() and not force
        assert outcome.run.run_count - run.run_count == int(enters and not (resumes and not from_the_end))
        assert len(outcome.after) == int(child and outcome.state is not None)
        run = outcome.run


@given(PROPOSALS, POLICIES, st.sampled_from([StateType.RUNNING, StateType.PAUSED, StateType.FAILED]))
@settings(deadline=None)
def test_task_runs(proposals: list[Any], policy: dict[str, Any], flow: StateType) -> None:
    run = task_run(empirical_policy=policy)
    ports = FakePorts(FlowRunStanding(state(flow), 1))
    now = NOW
    for type_, name, members, force, seconds in proposals:
        now += timedelta(seconds=seconds)
        proposed = state(type_, name, at=now, **members)
        outcome = asyncio.run(ask(run, proposed, task_run_policy(proposed, force=force), ports=ports))
        check_invariants(run, outcome)
        assert isinstance(outcome.run, TaskRunFacts)
        if outcome.state is not None and outcome.state.type is StateType.RUNNING:
            assert outcome.run.run_count in (run.run_count + 1, 1)
        run = outcome.run
