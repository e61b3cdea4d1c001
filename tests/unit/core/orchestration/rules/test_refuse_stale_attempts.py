"""The table of `RefuseStaleAttempts`."""

import pytest

from ostinato_core.orchestration.decide import decide
from ostinato_core.orchestration.policies import FLOW_CORE, FLOW_MINIMAL
from ostinato_core.orchestration.rules.refuse_stale_attempts import STALE, RefuseStaleAttempts
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Outcome, Proposer, Transition
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import NOW, FakePorts, Row, check, flow_run, state

S = StateType


async def outcome(current: RunState, proposed: StateType, worker: str | None, *, force: bool = False) -> Outcome:
    change = Transition(
        run=flow_run(current), proposed=state(proposed, at=NOW), now=NOW, proposer=Proposer(worker_name=worker)
    )
    return await decide(change, FLOW_MINIMAL if force else FLOW_CORE, FakePorts())


def again(type_: StateType, holder: str | None = None) -> RunState:
    """Return the state of a run that was scheduled again once."""
    return state(type_, attempt=1, attempt_worker=holder)


@pytest.mark.parametrize(
    ("current", "proposed", "worker", "force", "is_refused"),
    [
        (state(S.SCHEDULED), S.RUNNING, "A", False, False),
        (state(S.RUNNING), S.RUNNING, "A", False, False),
        (again(S.SCHEDULED), S.PENDING, "A", False, False),
        (again(S.SCHEDULED), S.RUNNING, "A", False, True),
        (again(S.SCHEDULED), S.RUNNING, None, False, True),
        (again(S.SCHEDULED), S.CRASHED, "A", True, True),
        (again(S.SCHEDULED), S.COMPLETED, None, True, False),
        (again(S.SCHEDULED), S.CANCELLED, None, False, False),
        (again(S.PENDING, "B"), S.RUNNING, "A", False, True),
        (again(S.PENDING, "B"), S.RUNNING, "B", False, False),
        (again(S.PENDING, "B"), S.RUNNING, None, False, False),
        (again(S.PENDING), S.RUNNING, "A", False, False),
        (again(S.RUNNING, "B"), S.COMPLETED, "A", False, True),
        (again(S.RUNNING, "B"), S.CRASHED, "A", True, True),
        (again(S.RUNNING, "B"), S.COMPLETED, "B", False, False),
        (again(S.RUNNING, "B"), S.RUNNING, "B", False, True),
        (again(S.RUNNING, "B"), S.FAILED, None, True, False),
        (again(S.COMPLETED, "B"), S.FAILED, "A", False, True),
        (again(S.CRASHED, "B"), S.RUNNING, "B", False, True),
        (again(S.CRASHED, "B"), S.RUNNING, None, False, False),
    ],
)
async def test_only_the_newest_attempt_is_heard(
    current: RunState, proposed: StateType, worker: str | None, force: bool, is_refused: bool
) -> None:
    made = await outcome(current, proposed, worker, force=force)
    assert (made.status is SetStateStatus.ABORT) == is_refused
    assert (made.details.get("reason") == STALE) == is_refused


@pytest.mark.parametrize(
    "row",
    [
        Row(current=again(S.SCHEDULED), proposed=state(S.RUNNING, at=NOW), status=SetStateStatus.ABORT, reason=STALE),
        Row(current=state(S.SCHEDULED), proposed=state(S.RUNNING, at=NOW)),
        Row(current=None, proposed=state(S.RUNNING, at=NOW)),
    ],
)
async def test_table(row: Row) -> None:
    await check(RefuseStaleAttempts(), flow_run(row.current), row)


async def test_a_run_that_its_own_process_tries_again_goes_on() -> None:
    run = flow_run(again(S.SCHEDULED, "A"), empirical_policy={"retry_type": "in_process"})
    change = Transition(run=run, proposed=state(S.RUNNING, at=NOW), now=NOW, proposer=Proposer(worker_name="A"))
    made = await decide(change, FLOW_CORE, FakePorts())
    assert made.state is not None
    assert made.state.details["attempt_worker"] == "A"


async def test_who_takes_the_run_is_remembered_and_a_new_start_by_hand_forgets_everything() -> None:
    taken = await outcome(again(S.SCHEDULED, "A"), S.PENDING, "B")
    assert taken.state is not None
    assert (taken.state.details["attempt"], taken.state.details["attempt_worker"]) == (1, "B")
    anew = await outcome(again(S.CRASHED, "A"), S.RUNNING, None)
    assert anew.state is not None
    assert "attempt" not in anew.state.details
