"""The table of `release_deployment_slot`."""

import pytest

from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.rules.release_deployment_slot import release_deployment_slot
from ostinato_core.orchestration.rules.retry_failed_flow_runs import RetryFailedFlowRuns
from ostinato_core.orchestration.rules.slots import LEASE as MEMBER
from ostinato_core.orchestration.transition import FlowRunFacts, ReleaseLease
from ostinato_wire.states import StateType
from tests.support.orchestration import LEASE, NOW, Values, ask, flow_run, state

S = StateType
HELD: Values = {MEMBER: str(LEASE)}
HOLDING = [S.PENDING, S.RUNNING, S.CANCELLING]
NOT_HOLDING = [type_ for type_ in StateType if type_ not in HOLDING]
POLICY = Policy[FlowRunFacts]("one transform", (RetryFailedFlowRuns(),), (release_deployment_slot,))


@pytest.mark.parametrize("proposed", StateType)
@pytest.mark.parametrize("current", StateType)
async def test_every_pair(current: StateType, proposed: StateType) -> None:
    outcome = await ask(flow_run(state(current, **HELD)), state(proposed, at=NOW), POLICY)
    released = current in HOLDING and proposed in NOT_HOLDING
    assert outcome.after == ([ReleaseLease(LEASE)] if released else [])


async def test_without_a_lease_there_is_nothing_to_give_back() -> None:
    for current in (None, state(S.RUNNING)):
        assert (await ask(flow_run(current), state(S.COMPLETED, at=NOW), POLICY)).after == []


async def test_a_run_that_is_retried_gives_its_slot_back() -> None:
    run = flow_run(state(S.RUNNING, **HELD), run_count=1, empirical_policy={"retries": 1})
    outcome = await ask(run, state(S.FAILED, at=NOW), POLICY)
    assert outcome.state is not None
    assert (outcome.state.name, outcome.after) == ("AwaitingRetry", [ReleaseLease(LEASE)])
