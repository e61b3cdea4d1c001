"""The table of `PauseOnlyRunningFlowRuns`."""

from uuid import UUID

import pytest

from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.rules.pause_only_running_flow_runs import PauseOnlyRunningFlowRuns
from ostinato_core.orchestration.transition import FlowRunFacts
from ostinato_wire.states import ALL_STATES, SetStateStatus, StateType
from tests.support.orchestration import DEPLOYMENT, NOW, PARENT_TASK_RUN, Row, ask, check, flow_run, state

S = StateType


@pytest.mark.parametrize(("name", "verb"), [("Paused", "pause"), ("Suspended", "suspend")])
@pytest.mark.parametrize("current", sorted(ALL_STATES - {S.RUNNING}))
async def test_only_running_runs_pause(current: StateType, name: str, verb: str) -> None:
    row = Row(
        current=state(current),
        proposed=state(S.PAUSED, name, at=NOW, pause_key="k"),
        status=SetStateStatus.REJECT,
        reason=f"Cannot {verb} flows that are not currently running.",
    )
    await check(PauseOnlyRunningFlowRuns(), flow_run(row.current), row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=None,
                proposed=state(S.PAUSED, at=NOW),
                status=SetStateStatus.ABORT,
                reason="Cannot pause flows with no state.",
            ),
            id="no state yet",
        ),
        pytest.param(
            Row(
                current=state(S.RUNNING),
                proposed=state(S.PAUSED, at=NOW, pause_key="k"),
                run={"empirical_policy": {"pause_keys": ["k"]}},
                status=SetStateStatus.REJECT,
                reason="This pause has already fired.",
            ),
            id="each pause fires once",
        ),
        pytest.param(
            Row(
                current=state(S.RUNNING),
                proposed=state(S.PAUSED, "Suspended", at=NOW, pause_reschedule=True),
                run={"parent_task_run_id": PARENT_TASK_RUN, "deployment_id": DEPLOYMENT},
                status=SetStateStatus.ABORT,
                reason="Cannot suspend subflows.",
            ),
            id="a sub-flow cannot be suspended",
        ),
        pytest.param(
            Row(
                current=state(S.RUNNING),
                proposed=state(S.PAUSED, "Suspended", at=NOW, pause_reschedule=True),
                status=SetStateStatus.ABORT,
                reason="Cannot suspend flows without a deployment.",
            ),
            id="nothing could run it again",
        ),
        pytest.param(
            Row(
                current=state(S.RUNNING),
                proposed=state(S.PAUSED, "Suspended", at=NOW, pause_reschedule=True, pause_key="k"),
                run={"deployment_id": DEPLOYMENT, "empirical_policy": {"pause_keys": ["a"]}},
                changes={"empirical_policy": {"pause_keys": ["a", "k"]}},
            ),
            id="suspended",
        ),
        pytest.param(
            Row(
                current=state(S.RUNNING),
                proposed=state(S.PAUSED, at=NOW, pause_key="k"),
                run={"parent_task_run_id": PARENT_TASK_RUN},
                changes={"empirical_policy": {"pause_keys": ["k"]}},
            ),
            id="a sub-flow pauses in its process",
        ),
        pytest.param(Row(current=state(S.PAUSED), proposed=state(S.RUNNING, at=NOW, pause_key="k")), id="not a pause"),
    ],
)
async def test_table(row: Row) -> None:
    await check(PauseOnlyRunningFlowRuns(), flow_run(row.current), row)


async def test_a_pause_without_key_gets_one_of_its_own() -> None:
    policy = Policy[FlowRunFacts]("one rule", (PauseOnlyRunningFlowRuns(),), ())
    outcome = await ask(flow_run(state(S.RUNNING)), state(S.PAUSED, at=NOW), policy)
    (key,) = outcome.changes["empirical_policy"]["pause_keys"]
    assert UUID(key)
    assert outcome.state is not None
    assert outcome.state.details["pause_key"] is None
