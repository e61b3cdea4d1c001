"""The table of `RetryCrashedFlowRuns`."""

from datetime import timedelta
from typing import Any

import pytest

from ostinato_core.orchestration.decide import decide
from ostinato_core.orchestration.policies import FLOW_CORE, FLOW_MINIMAL
from ostinato_core.orchestration.rules.retry_crashed_flow_runs import SOONEST, RetryCrashedFlowRuns
from ostinato_core.orchestration.transition import (
    ClearInfrastructure,
    CloseTaskRuns,
    DeploymentStanding,
    Outcome,
    Proposer,
    Transition,
)
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import DEPLOYMENT, FLOW_RUN, NOW, FakePorts, Row, Values, check, flow_run, state

S = StateType
POLICY: Values = {"max": 2, "delay": 60.0, "only_if": "any"}
DEPLOYED: Values = {"deployment_id": DEPLOYMENT, "deployment": DeploymentStanding(), "retry_on_crash": POLICY}


async def crash(
    current: StateType = S.RUNNING, *, force: bool = False, worker: str | None = "A", retries: int = 0, **columns: Any
) -> Outcome:
    """Return what becomes of a run that crashes; `columns` are the run's."""
    details: Values = {"attempt": retries, "crash_retries": retries} if retries else {}
    before = state(current, **details)
    run = flow_run(before, **({"run_count": 1} | DEPLOYED | columns))
    proposed = state(S.CRASHED, at=NOW, message="gone")
    change = Transition(run=run, proposed=proposed, now=NOW, proposer=Proposer(worker_name=worker))
    return await decide(change, FLOW_MINIMAL if force else FLOW_CORE, FakePorts())


async def test_the_run_is_scheduled_again_without_its_infrastructure() -> None:
    made = await crash()
    assert made.status is SetStateStatus.REJECT
    assert made.state is not None
    assert (made.state.type, made.state.name, made.state.message) == (S.SCHEDULED, "AwaitingRetry", "gone")
    assert made.state.scheduled_time() == NOW + timedelta(seconds=60)
    assert (made.state.details["attempt"], made.state.details["crash_retries"]) == (1, 1)
    assert made.changes["empirical_policy"]["retry_type"] == "reschedule"
    assert made.after == [CloseTaskRuns(FLOW_RUN, "gone"), ClearInfrastructure(FLOW_RUN)]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(Row(current=state(S.RUNNING), proposed=state(S.CRASHED, at=NOW)), id="no policy"),
        pytest.param(Row(current=state(S.RUNNING), proposed=state(S.FAILED, at=NOW), run=DEPLOYED), id="failed"),
        pytest.param(Row(current=state(S.PAUSED), proposed=state(S.CRASHED, at=NOW), run=DEPLOYED), id="paused"),
    ],
)
async def test_what_stays_as_it_is_proposed(row: Row) -> None:
    await check(RetryCrashedFlowRuns(), flow_run(row.current), row)


async def test_it_is_due_no_sooner_than_a_crash_can_be_reported_twice() -> None:
    made = await crash(retry_on_crash=POLICY | {"delay": 0.0})
    assert made.state is not None
    assert made.state.scheduled_time() == NOW + SOONEST


@pytest.mark.parametrize(
    ("arguments", "is_retried"),
    [
        ({"current": S.PENDING, "run_count": 0}, True),
        ({"retries": 1}, True),
        ({"retries": 2}, False),
        ({"retry_on_crash": None}, False),
        ({"deployment": None}, False),
        ({"retry_on_crash": POLICY | {"only_if": "never_started"}}, False),
        ({"retry_on_crash": POLICY | {"only_if": "never_started"}, "current": S.PENDING, "run_count": 0}, True),
        ({"force": True}, True),
        ({"force": True, "worker": None}, False),
        ({"worker": None}, True),
        ({"current": S.PAUSED}, False),
    ],
)
async def test_who_is_run_again(arguments: dict[str, Any], is_retried: bool) -> None:  # Any: as of `crash`
    made = await crash(**arguments)
    assert made.state is not None
    assert made.state.type is (S.SCHEDULED if is_retried else S.CRASHED)
