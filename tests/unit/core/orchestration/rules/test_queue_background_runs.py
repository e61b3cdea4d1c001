"""The table of `QueueBackgroundRuns`."""

import pytest

from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.rules.queue_background_runs import QueueBackgroundRuns
from ostinato_core.orchestration.transition import Enqueue, TaskRunFacts
from ostinato_wire.states import ALL_STATES, StateType
from tests.support.orchestration import NOW, TASK_RUN, Row, ask, check, state, task_run

S = StateType
POLICY = Policy[TaskRunFacts]("only this rule", (QueueBackgroundRuns(),), ())


@pytest.mark.parametrize("current", [None, S.PENDING, S.FAILED])
@pytest.mark.parametrize(("name", "is_retry"), [("Scheduled", False), ("AwaitingRetry", True)])
async def test_a_scheduled_run_is_queued_and_a_retry_before_others(
    current: StateType | None, name: str, is_retry: bool
) -> None:
    run = task_run(state(current) if current else None)
    outcome = await ask(run, state(S.SCHEDULED, name, at=NOW), POLICY)
    assert outcome.after == [Enqueue(TASK_RUN, "add", is_retry)]


@pytest.mark.parametrize(
    "row",
    [
        *(
            pytest.param(Row(current=state(S.SCHEDULED), proposed=state(proposed, at=NOW), after=[]), id=proposed.value)
            for proposed in sorted(ALL_STATES - {S.SCHEDULED})
        ),
        pytest.param(
            Row(
                current=state(S.SCHEDULED),
                proposed=state(S.SCHEDULED, "Late", at=NOW),
                after=[Enqueue(TASK_RUN, "add", is_retry=False)],
            ),
            id="late",
        ),
    ],
)
async def test_table(row: Row) -> None:
    await check(QueueBackgroundRuns(), task_run(row.current), row)
