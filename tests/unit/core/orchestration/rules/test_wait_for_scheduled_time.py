"""The table of `WaitForScheduledTime`."""

from datetime import timedelta

import pytest

from ostinato_core.orchestration.rules.wait_for_scheduled_time import WaitForScheduledTime
from ostinato_core.orchestration.states import RunState, wire_time
from ostinato_core.orchestration.transition import FlowRunFacts
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import NOW, Row, check, flow_run, state

S = StateType


def due_in(type_: StateType, seconds: float) -> RunState:
    return state(type_, scheduled_time=wire_time(NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize("current", [S.SCHEDULED, S.PENDING])
@pytest.mark.parametrize(("ahead", "delay"), [(0.6, 1), (10.8, 11), (11.2, 11), (86400.0, 86400)])
async def test_the_delay_is_in_whole_seconds(current: StateType, ahead: float, delay: int) -> None:
    row = Row(
        current=due_in(current, ahead),
        proposed=state(S.RUNNING, at=NOW),
        status=SetStateStatus.WAIT,
        reason="Scheduled time is in the future",
        delay=delay,
    )
    await check(WaitForScheduledTime[FlowRunFacts](), flow_run(row.current), row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(Row(current=due_in(S.SCHEDULED, 0.4), proposed=state(S.RUNNING, at=NOW)), id="nearly due"),
        pytest.param(Row(current=due_in(S.SCHEDULED, -60), proposed=state(S.RUNNING, at=NOW)), id="overdue"),
        pytest.param(Row(current=state(S.PENDING), proposed=state(S.RUNNING, at=NOW)), id="no time"),
        pytest.param(Row(current=due_in(S.SCHEDULED, 60), proposed=state(S.PENDING, at=NOW)), id="to pending"),
        pytest.param(Row(current=due_in(S.PAUSED, 60), proposed=state(S.RUNNING, at=NOW)), id="from paused"),
    ],
)
async def test_table(row: Row) -> None:
    await check(WaitForScheduledTime[FlowRunFacts](), flow_run(row.current), row)
