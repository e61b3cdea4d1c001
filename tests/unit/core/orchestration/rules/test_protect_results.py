"""The table of `ProtectResults`."""

import pytest

from ostinato_core.orchestration.rules.protect_results import ProtectResults
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import NOW, Row, check, flow_run, state

S = StateType
RESULT = {"type": "reference", "key": "k"}
LOSS = "Cannot overwrite a COMPLETED state that carries persisted result data with one that does not."


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.COMPLETED, data=RESULT),
                proposed=state(S.COMPLETED, at=NOW, data=data),
                status=SetStateStatus.REJECT,
                reason=LOSS,
            ),
            id=name,
        )
        for name, data in [("nothing", None), ("unpersisted", {"type": "unpersisted"}), ("no object", "text")]
    ]
    + [
        pytest.param(
            Row(current=state(S.COMPLETED, data=RESULT), proposed=state(S.COMPLETED, at=NOW, data={"any": 1})),
            id="another result",
        ),
        pytest.param(Row(current=state(S.COMPLETED, data=RESULT), proposed=state(S.FAILED, at=NOW)), id="to failed"),
        pytest.param(
            Row(current=state(S.COMPLETED, data=RESULT), proposed=state(S.RUNNING, at=NOW)), id="to running, forced"
        ),
        pytest.param(Row(current=state(S.COMPLETED), proposed=state(S.COMPLETED, at=NOW)), id="there was none"),
        pytest.param(Row(current=state(S.FAILED, data=RESULT), proposed=state(S.COMPLETED, at=NOW)), id="from failed"),
    ],
)
async def test_table(row: Row) -> None:
    await check(ProtectResults(), flow_run(row.current), row)
