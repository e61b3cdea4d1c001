"""The table of `ResumeOnlyToRunOrEnd`."""

import pytest

from ostinato_core.orchestration.rules.resume_only_to_run_or_end import ResumeOnlyToRunOrEnd
from ostinato_core.orchestration.states import wire_time
from ostinato_wire.states import TERMINAL_STATES, SetStateStatus, StateType
from tests.support.orchestration import DEPLOYMENT, EARLIER, NOW, Row, check, flow_run, state

S = StateType
RESUMING = {"empirical_policy": {"resuming": True}}


@pytest.mark.parametrize("proposed", [S.PENDING, S.PAUSED, S.CANCELLING])
async def test_other_states_are_refused_and_change_nothing(proposed: StateType) -> None:
    row = Row(
        current=state(S.PAUSED),
        proposed=state(proposed, at=NOW),
        status=SetStateStatus.REJECT,
        reason=f"This run cannot transition to the StateType.{proposed.value} state from the StateType.PAUSED state.",
    )
    await check(ResumeOnlyToRunOrEnd(), flow_run(row.current), row)


@pytest.mark.parametrize("proposed", [S.RUNNING, S.SCHEDULED, *sorted(TERMINAL_STATES)])
async def test_what_leaves_a_pause_is_resuming(proposed: StateType) -> None:
    row = Row(current=state(S.PAUSED), proposed=state(proposed, at=NOW), changes=RESUMING)
    await check(ResumeOnlyToRunOrEnd(), flow_run(row.current), row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.PAUSED, "Suspended", pause_reschedule=True),
                proposed=state(S.SCHEDULED, "Resuming", at=NOW),
                status=SetStateStatus.REJECT,
                reason="Cannot reschedule a resuming flow run without a deployment.",
            ),
            id="nothing can run it again",
        ),
        pytest.param(
            Row(
                current=state(S.PAUSED, "Suspended", pause_reschedule=True),
                proposed=state(S.SCHEDULED, "Resuming", at=NOW),
                run={"deployment_id": DEPLOYMENT},
                changes=RESUMING,
            ),
            id="suspended run with a deployment",
        ),
        pytest.param(
            Row(
                current=state(S.PAUSED, pause_timeout=wire_time(EARLIER)),
                proposed=state(S.RUNNING, at=NOW),
                status=SetStateStatus.REJECT,
                reason="The flow run pause has timed out and can no longer resume.",
                written=(S.FAILED, "Failed", "The flow was running and never resumed.", None),
                changes=RESUMING,
            ),
            id="too late",
        ),
        pytest.param(
            Row(
                current=state(S.PAUSED, pause_timeout=wire_time(EARLIER)),
                proposed=state(S.FAILED, "Given Up", at=NOW),
                status=SetStateStatus.REJECT,
                reason="The flow run pause has timed out and can no longer resume.",
                written=(S.FAILED, "Failed", "The flow was given up and never resumed.", None),
                changes=RESUMING,
            ),
            id="too late, even to fail",
        ),
        pytest.param(
            Row(
                current=state(S.PAUSED, pause_timeout=wire_time(EARLIER)),
                proposed=state(S.FAILED, "Suspended", at=NOW),
                status=SetStateStatus.REJECT,
                reason="The flow run suspend has timed out and can no longer resume.",
                written=(S.FAILED, "Failed", "The flow was suspended and never resumed.", None),
                changes=RESUMING,
            ),
            id="too late, by a name that speaks of suspending",
        ),
        pytest.param(
            Row(
                current=state(S.PAUSED, pause_timeout=wire_time(NOW)),
                proposed=state(S.RUNNING, at=NOW),
                changes=RESUMING,
            ),
            id="just in time",
        ),
        pytest.param(Row(current=state(S.RUNNING), proposed=state(S.PENDING, at=NOW)), id="not paused"),
    ],
)
async def test_table(row: Row) -> None:
    await check(ResumeOnlyToRunOrEnd(), flow_run(row.current), row)
