"""The table of `RetryFailedFlowRuns`."""

from datetime import timedelta

import pytest

from ostinato_core.orchestration.rules.retry_failed_flow_runs import RetryFailedFlowRuns
from ostinato_core.orchestration.states import wire_time
from ostinato_core.orchestration.transition import MakeFailedTaskRunsReady, Proposer
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import FLOW_RUN, NOW, Row, Values, check, flow_run, state

S = StateType


def retried(policy: Values, *, delay: int = 0, api_version: tuple[int, ...] = (0, 8, 4)) -> Row:
    renewed: Values = {"resuming": False, "pause_keys": [], "retry_type": "in_process"}
    return Row(
        current=state(S.RUNNING),
        proposed=state(S.FAILED, "Bang", at=NOW, message="why", data={"a": 1}),
        run={"empirical_policy": policy, "run_count": 1},
        proposer=Proposer(api_version),
        status=SetStateStatus.REJECT,
        reason="Retrying",
        written=(S.SCHEDULED, "AwaitingRetry", "why", {"a": 1}),
        details={"scheduled_time": wire_time(NOW + timedelta(seconds=delay))},
        changes={"empirical_policy": policy | renewed} if api_version >= (0, 8, 4) else {},
    )


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(retried({"retries": 1}), id="at once"),
        pytest.param(retried({"retries": 1, "retry_delay": 7}, delay=7), id="after a delay"),
        pytest.param(
            retried({"retries": 2, "resuming": True, "pause_keys": ["a"]}, api_version=(0, 8, 3)), id="API 0.8.3"
        ),
        pytest.param(
            Row(
                current=state(S.RUNNING),
                proposed=state(S.FAILED, at=NOW),
                run={"empirical_policy": {"retries": 1, "retry_type": "in_process"}, "run_count": 2},
                changes={"empirical_policy": {"retries": 1, "retry_type": None}},
            ),
            id="retries used up",
        ),
        pytest.param(
            Row(
                current=state(S.RUNNING),
                proposed=state(S.FAILED, at=NOW),
                run={"empirical_policy": {"retries": None}, "run_count": 1},
            ),
            id="no retries",
        ),
        pytest.param(
            Row(
                current=state(S.RUNNING),
                proposed=state(S.CRASHED, at=NOW),
                run={"empirical_policy": {"retries": 3}, "run_count": 1},
            ),
            id="a crash is no failure",
        ),
        pytest.param(
            Row(
                current=state(S.PENDING),
                proposed=state(S.FAILED, at=NOW),
                run={"empirical_policy": {"retries": 3}},
            ),
            id="not running",
        ),
    ],
)
async def test_table(row: Row) -> None:
    outcome = await check(RetryFailedFlowRuns(), flow_run(row.current), row)
    assert outcome.after == []


async def test_for_old_clients_failed_task_runs_are_made_ready() -> None:
    row = retried({"retries": 1, "retry_delay": 3}, delay=3, api_version=(0, 8, 2))
    outcome = await check(RetryFailedFlowRuns(), flow_run(row.current), row)
    (instruction,) = outcome.after
    assert isinstance(instruction, MakeFailedTaskRunsReady)
    ready = instruction.state
    assert (instruction.flow_run_id, ready.type, ready.name) == (FLOW_RUN, S.SCHEDULED, "AwaitingRetry")
    assert (ready.message, ready.data) == (None, None)
    assert ready.scheduled_time() == NOW + timedelta(seconds=3)
