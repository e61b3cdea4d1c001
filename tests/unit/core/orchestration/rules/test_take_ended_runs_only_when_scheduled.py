"""The table of `TakeEndedRunsOnlyWhenScheduled`."""

import pytest

from ostinato_core.orchestration.rules.take_ended_runs_only_when_scheduled import TakeEndedRunsOnlyWhenScheduled
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import DEPLOYMENT, NOW, Row, check, flow_run, state

S = StateType


@pytest.mark.parametrize("ended", [S.COMPLETED, S.FAILED, S.CRASHED, S.CANCELLED])
async def test_a_run_of_a_deployment_that_has_ended_is_not_taken(ended: StateType) -> None:
    row = Row(
        current=state(ended),
        proposed=state(S.PENDING, at=NOW),
        run={"deployment_id": DEPLOYMENT},
        status=SetStateStatus.ABORT,
        reason=f"This run is in a {ended.value} state and cannot transition to a PENDING state.",
    )
    await check(TakeEndedRunsOnlyWhenScheduled(), flow_run(row.current), row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(Row(current=state(S.FAILED), proposed=state(S.PENDING, at=NOW)), id="nobody hands it out"),
        pytest.param(
            Row(current=state(S.FAILED), proposed=state(S.RUNNING, at=NOW), run={"deployment_id": DEPLOYMENT}),
            id="run again at once",
        ),
        pytest.param(
            Row(current=state(S.FAILED), proposed=state(S.SCHEDULED, at=NOW), run={"deployment_id": DEPLOYMENT}),
            id="scheduled again",
        ),
        pytest.param(
            Row(current=state(S.SCHEDULED), proposed=state(S.PENDING, at=NOW), run={"deployment_id": DEPLOYMENT}),
            id="taken",
        ),
    ],
)
async def test_table(row: Row) -> None:
    await check(TakeEndedRunsOnlyWhenScheduled(), flow_run(row.current), row)
