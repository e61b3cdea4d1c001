"""The table of `ProtectTerminalTaskRuns`."""

import pytest

from ostinato_core.orchestration.rules.protect_terminal_task_runs import ProtectTerminalTaskRuns
from ostinato_core.orchestration.transition import FlowRunStanding
from ostinato_wire.states import TERMINAL_STATES, SetStateStatus, StateType
from tests.support.orchestration import NOW, FakePorts, Row, check, state, task_run

S = StateType
ASKED = ["flow_run_standing"]


def flow(run_count: int) -> FakePorts:
    return FakePorts(FlowRunStanding(state(S.RUNNING), run_count))


@pytest.mark.parametrize("current", sorted(TERMINAL_STATES))
@pytest.mark.parametrize("proposed", [S.CANCELLING, S.PAUSED, S.CRASHED])
async def test_some_states_never_follow_the_end(current: StateType, proposed: StateType) -> None:
    row = Row(
        current=state(current),
        proposed=state(proposed, at=NOW),
        status=SetStateStatus.ABORT,
        reason=f"Run is already {current.value}.",
    )
    await check(ProtectTerminalTaskRuns(), task_run(row.current), row)


@pytest.mark.parametrize("data", [{"type": "ref"}, {"any": 1}, "text", [1]])
@pytest.mark.parametrize("proposed", [S.RUNNING, S.PENDING, S.COMPLETED, S.FAILED])
async def test_results_are_kept(data: object, proposed: StateType) -> None:
    row = Row(
        current=state(S.COMPLETED, data=data),
        proposed=state(proposed, at=NOW),
        run={"run_count": 1},
        status=SetStateStatus.REJECT,
        reason="This run is already completed.",
    )
    await check(ProtectTerminalTaskRuns(), task_run(row.current), row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.FAILED),
                proposed=state(S.RUNNING, at=NOW),
                run={"run_count": 2, "flow_run_run_count": 1},
                ports=flow(1),
                asked=ASKED,
                changes={"run_count": 0},
            ),
            id="again in the same run of the flow",
        ),
        pytest.param(
            Row(
                current=state(S.FAILED),
                proposed=state(S.RUNNING, at=NOW),
                run={"run_count": 2, "flow_run_run_count": 1},
                ports=flow(2),
                asked=ASKED,
                written=(S.RUNNING, "Retrying", None, None),
                changes={"run_count": 0},
            ),
            id="again in the next run of the flow",
        ),
        pytest.param(
            Row(
                current=state(S.FAILED),
                proposed=state(S.RUNNING, at=NOW),
                run={"run_count": 2, "flow_run_id": None},
                changes={"run_count": 0},
            ),
            id="again without a flow",
        ),
        pytest.param(
            Row(
                current=state(S.COMPLETED, data={"type": "unpersisted"}),
                proposed=state(S.PENDING, at=NOW),
                run={"run_count": 2},
                changes={"run_count": 0},
            ),
            id="a result that was not stored is not kept",
        ),
        pytest.param(
            Row(current=state(S.COMPLETED, data=[]), proposed=state(S.FAILED, at=NOW), run={"run_count": 1}),
            id="an empty result is none",
        ),
        pytest.param(
            Row(current=state(S.RUNNING), proposed=state(S.CRASHED, at=NOW), run={"run_count": 1}), id="not ended"
        ),
    ],
)
async def test_table(row: Row) -> None:
    await check(ProtectTerminalTaskRuns(), task_run(row.current), row)
