"""The table of `GuardPending`."""

import pytest

from ostinato_core.orchestration.rules.guard_pending import GuardPending
from ostinato_core.orchestration.transition import FlowRunFacts
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import NOW, Row, check, flow_run, state

S = StateType
DUE = "2026-03-04T05:00:00Z"
LEASE = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize("name", [None, "Submitting"])
@pytest.mark.parametrize("current", [S.CANCELLING, S.RUNNING, S.CANCELLED])
async def test_a_run_that_went_on_does_not_become_pending(current: StateType, name: str | None) -> None:
    row = Row(
        current=state(current),
        proposed=state(S.PENDING, name, at=NOW),
        status=SetStateStatus.ABORT,
        reason=f"This run is in a {current.value} state and cannot transition to a PENDING state.",
    )
    await check(GuardPending[FlowRunFacts](), flow_run(row.current), row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.PENDING, name),
                proposed=state(S.PENDING, proposed, at=NOW),
                status=SetStateStatus.ABORT,
                reason="This run is in a PENDING state and cannot transition to a PENDING state.",
            ),
            id=f"{name} to {proposed}",
        )
        for name, proposed in [("Pending", "Pending"), ("Submitting", "Submitting"), ("Submitting", "Pending")]
    ]
    + [
        pytest.param(
            Row(
                current=state(S.PENDING, scheduled_time=DUE, deployment_concurrency_lease_id=LEASE),
                proposed=state(S.PENDING, "Submitting", at=NOW, scheduled_time="2030-01-01T00:00:00Z"),
                details={"scheduled_time": DUE, "deployment_concurrency_lease_id": LEASE},
            ),
            id="the holder refines the name and keeps time and lease",
        ),
        pytest.param(Row(current=state(S.SCHEDULED), proposed=state(S.PENDING, at=NOW)), id="scheduled"),
        pytest.param(Row(current=state(S.FAILED), proposed=state(S.PENDING, at=NOW)), id="failed"),
        pytest.param(Row(current=None, proposed=state(S.PENDING, at=NOW)), id="no state yet"),
    ],
)
async def test_table(row: Row) -> None:
    await check(GuardPending[FlowRunFacts](), flow_run(row.current), row)
