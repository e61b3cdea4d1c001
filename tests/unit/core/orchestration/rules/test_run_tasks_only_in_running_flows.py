"""The table of `RunTasksOnlyInRunningFlows`."""

import pytest

from ostinato_core.orchestration.rules.run_tasks_only_in_running_flows import RunTasksOnlyInRunningFlows
from ostinato_core.orchestration.transition import FlowRunStanding
from ostinato_wire.states import ALL_STATES, SetStateStatus, StateType
from tests.support.orchestration import FLOW_RUN, NOW, FakePorts, Row, check, state, task_run

S = StateType
ASKED = ["flow_run_standing"]
UNTIL = "2030-01-01T00:00:00Z"


@pytest.mark.parametrize("flow", [None, *sorted(ALL_STATES - {S.RUNNING, S.PAUSED})])
async def test_the_flow_must_run(flow: StateType | None) -> None:
    row = Row(
        current=state(S.PENDING),
        proposed=state(S.RUNNING, at=NOW),
        ports=FakePorts(FlowRunStanding(state(flow) if flow else None, 1)),
        asked=ASKED,
        status=SetStateStatus.ABORT,
        reason="The enclosing flow must be running to begin task execution.",
    )
    await check(RunTasksOnlyInRunningFlows(), task_run(row.current), row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.PENDING),
                proposed=state(S.RUNNING, at=NOW),
                ports=FakePorts(FlowRunStanding(state(S.PAUSED, pause_timeout=UNTIL, pause_reschedule=True), 1)),
                asked=ASKED,
                status=SetStateStatus.REJECT,
                reason=f"The flow is paused, new tasks can execute after resuming flow run: {FLOW_RUN}.",
                written=(S.PAUSED, "NotReady", None, None),
                details={"pause_timeout": UNTIL, "pause_reschedule": True},
            ),
            id="the flow pauses",
        ),
        pytest.param(
            Row(
                current=state(S.PENDING),
                proposed=state(S.RUNNING, at=NOW),
                ports=FakePorts(FlowRunStanding(state(S.RUNNING), 1)),
                asked=ASKED,
            ),
            id="the flow runs",
        ),
        pytest.param(
            Row(current=state(S.PENDING), proposed=state(S.RUNNING, at=NOW), run={"flow_run_id": None}), id="no flow"
        ),
        pytest.param(Row(current=state(S.RUNNING), proposed=state(S.FAILED, at=NOW)), id="not to running"),
    ],
)
async def test_table(row: Row) -> None:
    await check(RunTasksOnlyInRunningFlows(), task_run(row.current), row)
