"""The table of `RenameReruns`."""

import pytest

from ostinato_core.orchestration.rules.rename_reruns import RenameReruns
from ostinato_core.orchestration.states import RunState
from ostinato_wire.states import StateType
from tests.support.orchestration import NOW, Row, check, state, task_run

S = StateType


def renamed(current: RunState | None, run_count: int, name: str) -> Row:
    return Row(
        current=current,
        proposed=state(S.RUNNING, "Busy", at=NOW),
        run={"run_count": run_count},
        written=(S.RUNNING, name, None, None),
    )


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(renamed(state(S.SCHEDULED, "AwaitingRetry"), 1, "Retrying"), id="a retry"),
        pytest.param(renamed(state(S.PENDING), 1, "Rerunning"), id="a rerun"),
        pytest.param(renamed(None, 1, "Rerunning"), id="a rerun without a state"),
        pytest.param(renamed(state(S.PENDING), 0, "Busy"), id="the first run keeps its name"),
        pytest.param(renamed(state(S.SCHEDULED, "AwaitingRetry"), 0, "Busy"), id="counts begin anew"),
        pytest.param(
            Row(current=state(S.SCHEDULED, "AwaitingRetry"), proposed=state(S.PENDING, at=NOW), run={"run_count": 1}),
            id="it does not run yet",
        ),
    ],
)
async def test_table(row: Row) -> None:
    await check(RenameReruns(), task_run(row.current), row)
