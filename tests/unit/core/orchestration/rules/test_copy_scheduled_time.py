"""The table of `CopyScheduledTime`."""

import pytest

from ostinato_core.orchestration.rules.copy_scheduled_time import CopyScheduledTime
from ostinato_core.orchestration.transition import TaskRunFacts
from ostinato_wire.states import StateType
from tests.support.orchestration import NOW, Row, check, state, task_run

S = StateType
DUE = "2026-03-04T05:00:00Z"


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.SCHEDULED, scheduled_time=DUE),
                proposed=state(S.PENDING, at=NOW),
                details={"scheduled_time": DUE},
            ),
            id="copied",
        ),
        pytest.param(
            Row(
                current=state(S.SCHEDULED, scheduled_time=DUE),
                proposed=state(S.PENDING, at=NOW, scheduled_time="2030-01-01T00:00:00Z"),
            ),
            id="its own",
        ),
        pytest.param(
            Row(
                current=state(S.SCHEDULED, name="AwaitingConcurrencySlot", scheduled_time=DUE),
                proposed=state(S.PENDING, at=NOW),
            ),
            id="after waiting for a slot",
        ),
        pytest.param(
            Row(current=state(S.SCHEDULED, scheduled_time=DUE), proposed=state(S.RUNNING, at=NOW)), id="to running"
        ),
        pytest.param(
            Row(current=state(S.PENDING, scheduled_time=DUE), proposed=state(S.PENDING, at=NOW)), id="from pending"
        ),
    ],
)
async def test_table(row: Row) -> None:
    await check(CopyScheduledTime[TaskRunFacts](), task_run(row.current), row)
