"""The table of `CancelWaitingTaskRuns`."""

import pytest

from ostinato_core.orchestration.rules.cancel_waiting_task_runs import CancelWaitingTaskRuns
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import NOW, Row, check, state, task_run

S = StateType


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.SCHEDULED, deferred=True),
                proposed=state(S.CANCELLING, at=NOW),
                status=SetStateStatus.REJECT,
                reason="No worker has taken the task run.",
                written=(S.CANCELLED, "Cancelled", None, None),
            ),
            id="in the queue",
        ),
        pytest.param(
            Row(current=state(S.SCHEDULED, "AwaitingRetry"), proposed=state(S.CANCELLING, at=NOW)),
            id="a worker waits for the retry",
        ),
        pytest.param(
            Row(current=state(S.PENDING, deferred=True), proposed=state(S.CANCELLING, at=NOW)), id="a worker has it"
        ),
        pytest.param(
            Row(current=state(S.SCHEDULED, deferred=True), proposed=state(S.CANCELLED, at=NOW)), id="not cancelling"
        ),
    ],
)
async def test_table(row: Row) -> None:
    await check(CancelWaitingTaskRuns(), task_run(row.current), row)
