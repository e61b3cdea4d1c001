"""The table of `RefuseDuplicateTransitions`."""

import pytest

from ostinato_core.orchestration.rules.refuse_duplicate_transitions import RefuseDuplicateTransitions
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import NOW, Row, check, flow_run, state

ONE, OTHER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
REASON = "This run has already made this state transition."
R = StateType.RUNNING


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(R, transition_id=ONE),
                proposed=state(R, at=NOW, transition_id=ONE),
                status=SetStateStatus.REJECT,
                reason=REASON,
            ),
            id="repeated",
        ),
        pytest.param(
            Row(
                current=state(R, transition_id=ONE),
                proposed=state(StateType.COMPLETED, at=NOW, transition_id=ONE),
                status=SetStateStatus.REJECT,
                reason=REASON,
            ),
            id="same id, other type",
        ),
        pytest.param(
            Row(current=state(R, transition_id=ONE), proposed=state(R, at=NOW, transition_id=OTHER)), id="another"
        ),
        pytest.param(Row(current=state(R), proposed=state(R, at=NOW)), id="no ids"),
        pytest.param(Row(current=None, proposed=state(R, at=NOW, transition_id=ONE)), id="no state yet"),
    ],
)
async def test_table(row: Row) -> None:
    await check(RefuseDuplicateTransitions(), flow_run(row.current), row)
