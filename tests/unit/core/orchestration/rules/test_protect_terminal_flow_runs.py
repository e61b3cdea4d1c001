"""The table of `ProtectTerminalFlowRuns`."""

import pytest

from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Reject
from ostinato_core.orchestration.rules.protect_terminal_flow_runs import ProtectTerminalFlowRuns
from ostinato_core.orchestration.transition import Change, FlowRunFacts, Proposer
from ostinato_wire.states import TERMINAL_STATES, SetStateStatus, StateType
from tests.support.orchestration import DEPLOYMENT, NOW, Row, Values, ask, check, flow_run, state

S = StateType
RESULT = {"type": "reference", "key": "k"}
UNPERSISTED = {"type": "unpersisted"}
LOSS = "Cannot overwrite a COMPLETED state that carries persisted result data with one that does not."
USED: Values = {"retries": 3, "resuming": True, "pause_keys": ["a"], "retry_type": "in_process"}
FRESH: Values = {"retries": 3, "resuming": False, "pause_keys": [], "retry_type": None}


@pytest.mark.parametrize("current", sorted(TERMINAL_STATES))
@pytest.mark.parametrize("proposed", [S.CANCELLING, S.PAUSED, S.CRASHED])
async def test_some_states_never_follow_the_end(current: StateType, proposed: StateType) -> None:
    row = Row(
        current=state(current),
        proposed=state(proposed, at=NOW),
        status=SetStateStatus.ABORT,
        reason=f"Run is already in terminal state {current.value}.",
    )
    await check(ProtectTerminalFlowRuns(), flow_run(row.current), row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.COMPLETED, data=RESULT),
                proposed=state(S.RUNNING, at=NOW),
                status=SetStateStatus.REJECT,
                reason="Run is already COMPLETED.",
            ),
            id="a stored result is kept",
        ),
        pytest.param(
            Row(
                current=state(S.COMPLETED, data=RESULT),
                proposed=state(S.COMPLETED, at=NOW, data=UNPERSISTED),
                status=SetStateStatus.REJECT,
                reason=LOSS,
            ),
            id="a stored result is not overwritten by none",
        ),
        pytest.param(
            Row(current=state(S.COMPLETED, data=RESULT), proposed=state(S.COMPLETED, at=NOW, data={"type": "other"})),
            id="a stored result may be replaced",
        ),
        pytest.param(
            Row(current=state(S.COMPLETED, data=RESULT), proposed=state(S.FAILED, at=NOW)), id="completed to failed"
        ),
        pytest.param(Row(current=state(S.CRASHED), proposed=state(S.COMPLETED, at=NOW)), id="crashed to completed"),
        pytest.param(
            Row(
                current=state(S.FAILED),
                proposed=state(S.SCHEDULED, at=NOW),
                run={"empirical_policy": USED},
                status=SetStateStatus.ABORT,
                reason="Cannot reschedule a run without an associated deployment.",
            ),
            id="nothing can run it again",
        ),
        pytest.param(
            Row(
                current=state(S.CRASHED),
                proposed=state(S.SCHEDULED, "AwaitingRetry", at=NOW),
                run={"empirical_policy": USED, "deployment_id": DEPLOYMENT},
                changes={"empirical_policy": FRESH | {"retry_type": "reschedule"}},
            ),
            id="rescheduled",
        ),
        pytest.param(
            Row(
                current=state(S.COMPLETED, data=UNPERSISTED),
                proposed=state(S.RUNNING, at=NOW),
                run={"empirical_policy": USED},
                changes={"empirical_policy": FRESH},
            ),
            id="run again in place",
        ),
        pytest.param(
            Row(
                current=state(S.COMPLETED, data=["no", "object"]),
                proposed=state(S.PENDING, at=NOW),
                run={"empirical_policy": FRESH},
            ),
            id="data that is no reference is no result",
        ),
        pytest.param(
            Row(
                current=state(S.CANCELLED),
                proposed=state(S.RUNNING, at=NOW),
                run={"empirical_policy": USED},
                proposer=Proposer((0, 8, 3)),
            ),
            id="old clients keep their policy",
        ),
        pytest.param(Row(current=state(S.RUNNING), proposed=state(S.CRASHED, at=NOW)), id="not ended"),
        pytest.param(Row(current=None, proposed=state(S.PAUSED, at=NOW)), id="no state yet"),
    ],
)
async def test_table(row: Row) -> None:
    await check(ProtectTerminalFlowRuns(), flow_run(row.current), row)


async def test_the_policy_is_restored_if_another_rule_decides_otherwise() -> None:
    class CancelAll(BaseRule[FlowRunFacts]):
        async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
            return Reject("cancelled", state(S.CANCELLED, at=NOW))

    policy = Policy[FlowRunFacts]("two rules", (ProtectTerminalFlowRuns(), CancelAll()), ())
    outcome = await ask(flow_run(state(S.FAILED), empirical_policy=USED), state(S.RUNNING, at=NOW), policy)
    assert outcome.state is not None
    assert outcome.state.type is S.CANCELLED
    assert outcome.changes == {}
