"""The table of `MarkLateOnlyFromScheduled`."""

import pytest

from ostinato_core.orchestration.rules.mark_late_only_from_scheduled import MarkLateOnlyFromScheduled
from ostinato_wire.states import ALL_STATES, SetStateStatus, StateType
from tests.support.orchestration import NOW, Row, check, flow_run, state

S = StateType


@pytest.mark.parametrize("current", [None, *sorted(ALL_STATES - {S.SCHEDULED})])
async def test_only_scheduled_runs_can_be_late(current: StateType | None) -> None:
    row = Row(
        current=state(current) if current else None,
        proposed=state(S.SCHEDULED, "Late", at=NOW),
        status=SetStateStatus.REJECT,
        reason="Only scheduled flows can be marked late.",
    )
    await check(MarkLateOnlyFromScheduled(), flow_run(row.current), row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.SCHEDULED, "Late"),
                proposed=state(S.SCHEDULED, "Late", at=NOW),
                status=SetStateStatus.REJECT,
                reason="This flow run is already marked late.",
            ),
            id="once",
        ),
        pytest.param(Row(current=state(S.SCHEDULED), proposed=state(S.SCHEDULED, "Late", at=NOW)), id="late"),
        pytest.param(Row(current=state(S.SCHEDULED, "Late"), proposed=state(S.SCHEDULED, at=NOW)), id="moved"),
        pytest.param(Row(current=state(S.RUNNING), proposed=state(S.PENDING, "Late", at=NOW)), id="only a name"),
    ],
)
async def test_table(row: Row) -> None:
    await check(MarkLateOnlyFromScheduled(), flow_run(row.current), row)
