"""The table of `RetryFailedTaskRuns`."""

from datetime import timedelta

import pytest

from ostinato_core.orchestration.rules.retry_failed_task_runs import RetryFailedTaskRuns
from ostinato_core.orchestration.states import RunState, wire_time
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import NOW, Row, Values, check, state, task_run

S = StateType
FAILED = state(S.FAILED, "Bang", at=NOW, message="why", data={"a": 1})


def retried(policy: Values, delay: float, *, run_count: int = 1, proposed: RunState = FAILED) -> Row:
    return Row(
        current=state(S.RUNNING),
        proposed=proposed,
        run={"empirical_policy": policy, "run_count": run_count},
        status=SetStateStatus.REJECT,
        reason="Retrying",
        written=(S.SCHEDULED, "AwaitingRetry", proposed.message, proposed.data),
        details={"scheduled_time": wire_time(NOW + timedelta(seconds=delay))},
    )


def let_fail(policy: Values, *, run_count: int = 1, proposed: RunState = FAILED) -> Row:
    run = {"empirical_policy": policy, "run_count": run_count}
    return Row(current=state(S.RUNNING), proposed=proposed, run=run)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(retried({"retries": 1}, 0), id="at once"),
        pytest.param(retried({"retries": 1, "retry_delay": 2.5}, 2.5), id="after a delay"),
        pytest.param(retried({"retries": 3, "retry_delay": [1, 5]}, 1), id="first delay of a list"),
        pytest.param(retried({"retries": 3, "retry_delay": [1, 5]}, 5, run_count=2), id="second delay of a list"),
        pytest.param(retried({"retries": 3, "retry_delay": [1, 5]}, 5, run_count=3), id="the last delay stays"),
        pytest.param(retried({"retries": 3, "retry_delay": []}, 0), id="empty list"),
        pytest.param(retried({"retries": 3, "retry_delay": [1, 5]}, 1, run_count=0), id="forced past RUNNING"),
        pytest.param(
            retried({"retries": 1}, 0, proposed=state(S.FAILED, at=NOW, retriable=True)), id="said to be retriable"
        ),
        pytest.param(retried({"retries": 1, "retry_delay": 0, "retry_jitter_factor": 1}, 0), id="no delay, no jitter"),
        pytest.param(let_fail({"retries": 1}, run_count=2), id="retries used up"),
        pytest.param(let_fail({"retries": None}), id="no retries"),
        pytest.param(
            let_fail({"retries": 5}, proposed=state(S.FAILED, at=NOW, retriable=False)), id="said not to be retriable"
        ),
        pytest.param(let_fail({"retries": 5}, proposed=state(S.CRASHED, at=NOW)), id="a crash is no failure"),
    ],
)
async def test_table(row: Row) -> None:
    await check(RetryFailedTaskRuns(), task_run(row.current), row)


@pytest.mark.parametrize(("uniform", "at_least", "at_most"), [(0.0, 62.0, 63.0), (0.999999, 149.9, 150.0)])
async def test_jitter_is_clamped_around_the_delay(uniform: float, at_least: float, at_most: float) -> None:
    row = retried({"retries": 1, "retry_delay": 100, "retry_jitter_factor": 0.5}, 0)
    row.details = {}
    outcome = await check(RetryFailedTaskRuns(lambda: uniform), task_run(row.current), row)
    assert outcome.state is not None
    due = outcome.state.scheduled_time()
    assert due is not None
    assert at_least <= (due - NOW).total_seconds() <= at_most
