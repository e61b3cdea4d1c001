"""The table of `TrackFlowRunCount`."""

import pytest

from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.rules.track_flow_run_count import TrackFlowRunCount
from ostinato_core.orchestration.transition import FlowRunStanding, TaskRunFacts
from ostinato_wire.states import StateType
from tests.support.orchestration import NOW, FakePorts, Row, ask, check, state, task_run

S = StateType
ASKED = ["flow_run_standing"]


def flow(run_count: int) -> FakePorts:
    return FakePorts(FlowRunStanding(state(S.RUNNING), run_count))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.PENDING),
                proposed=state(S.RUNNING, at=NOW),
                ports=flow(3),
                asked=ASKED,
                changes={"flow_run_run_count": 3},
            ),
            id="another run of the flow",
        ),
        pytest.param(
            Row(
                current=state(S.PENDING),
                proposed=state(S.RUNNING, at=NOW),
                run={"flow_run_run_count": 3},
                ports=flow(3),
                asked=ASKED,
            ),
            id="the same run of the flow",
        ),
        pytest.param(
            Row(current=state(S.PENDING), proposed=state(S.RUNNING, at=NOW), run={"flow_run_id": None}), id="no flow"
        ),
        pytest.param(
            Row(current=state(S.RUNNING), proposed=state(S.COMPLETED, at=NOW), ports=flow(3)), id="not to running"
        ),
    ],
)
async def test_table(row: Row) -> None:
    await check(TrackFlowRunCount(), task_run(row.current), row)


async def test_a_missing_flow_run_is_an_error() -> None:
    policy = Policy[TaskRunFacts]("one rule", (TrackFlowRunCount(),), ())
    with pytest.raises(LookupError, match="no such flow run"):
        await ask(task_run(state(S.PENDING)), state(S.RUNNING, at=NOW), policy, ports=FakePorts())
