"""The table of `LetCancellingEndInCancelled`."""

import pytest

from ostinato_core.orchestration.rules.let_cancelling_end_in_cancelled import LetCancellingEndInCancelled
from ostinato_wire.states import ALL_STATES, SetStateStatus, StateType
from tests.support.orchestration import NOW, Row, check, flow_run, state

CANCELLING = StateType.CANCELLING


@pytest.mark.parametrize("proposed", sorted(ALL_STATES - {StateType.CANCELLED}))
async def test_every_other_state_is_refused(proposed: StateType) -> None:
    row = Row(
        current=state(CANCELLING),
        proposed=state(proposed, at=NOW),
        status=SetStateStatus.REJECT,
        reason="Cannot transition flows that are cancelling to a state other than Cancelled.",
    )
    await check(LetCancellingEndInCancelled(), flow_run(row.current), row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(Row(current=state(CANCELLING), proposed=state(StateType.CANCELLED, at=NOW)), id="cancelled"),
        pytest.param(
            Row(
                current=state(CANCELLING),
                proposed=state(StateType.CRASHED, at=NOW),
                run={"infrastructure_pid": "1"},
                status=SetStateStatus.REJECT,
                reason="Cannot transition flows that are cancelling to a state other than Cancelled.",
            ),
            id="crashed",
        ),
        pytest.param(Row(current=state(StateType.RUNNING), proposed=state(CANCELLING, at=NOW)), id="not cancelling"),
    ],
)
async def test_table(row: Row) -> None:
    await check(LetCancellingEndInCancelled(), flow_run(row.current), row)
