"""The table of `CancelWithoutInfrastructure`."""

from typing import Any

import pytest

from ostinato_core.orchestration.rules.cancel_without_infrastructure import CancelWithoutInfrastructure
from ostinato_core.orchestration.states import RunState
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import NOW, Row, check, flow_run, state

S = StateType
PID: dict[str, Any] = {"infrastructure_pid": "host:1"}


def cancelled_at_once(current: RunState, kind: str, run: dict[str, Any] | None = None) -> Row:
    return Row(
        current=current,
        proposed=state(S.CANCELLING, at=NOW, message="please", data={"a": 1}),
        run=run or {},
        status=SetStateStatus.REJECT,
        reason=f"{kind} flow run has no infrastructure to terminate.",
        written=(S.CANCELLED, "Cancelled", None, None),
    )


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(cancelled_at_once(state(S.SCHEDULED), "Scheduled"), id="not started"),
        pytest.param(cancelled_at_once(state(S.SCHEDULED, "Resuming"), "Scheduled", PID), id="to be resumed"),
        pytest.param(cancelled_at_once(state(S.PAUSED, "Resuming"), "Scheduled", PID), id="any state named Resuming"),
        pytest.param(cancelled_at_once(state(S.PAUSED, pause_reschedule=True), "Suspended", PID), id="suspended"),
        pytest.param(
            Row(current=state(S.SCHEDULED, "AwaitingRetry"), proposed=state(S.CANCELLING, at=NOW), run=PID),
            id="a process waits for the retry",
        ),
        pytest.param(Row(current=state(S.PAUSED), proposed=state(S.CANCELLING, at=NOW)), id="paused in its process"),
        pytest.param(Row(current=state(S.RUNNING), proposed=state(S.CANCELLING, at=NOW)), id="running"),
        pytest.param(Row(current=state(S.SCHEDULED), proposed=state(S.CANCELLED, at=NOW)), id="not cancelling"),
    ],
)
async def test_table(row: Row) -> None:
    await check(CancelWithoutInfrastructure(), flow_run(row.current), row)
