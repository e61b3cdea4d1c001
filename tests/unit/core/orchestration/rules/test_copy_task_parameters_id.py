"""The table of `CopyTaskParametersId`."""

import pytest

from ostinato_core.orchestration.rules.copy_task_parameters_id import CopyTaskParametersId
from ostinato_wire.states import StateType
from tests.support.orchestration import NOW, Row, check, state, task_run

S = StateType
ONE, OTHER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


@pytest.mark.parametrize("current", [S.SCHEDULED, S.PENDING])
@pytest.mark.parametrize("proposed", [S.PENDING, S.RUNNING])
async def test_the_reference_is_kept(current: StateType, proposed: StateType) -> None:
    row = Row(
        current=state(current, task_parameters_id=ONE),
        proposed=state(proposed, at=NOW),
        details={"task_parameters_id": ONE},
    )
    await check(CopyTaskParametersId(), task_run(row.current), row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.PENDING, task_parameters_id=ONE),
                proposed=state(S.RUNNING, at=NOW, task_parameters_id=OTHER),
            ),
            id="its own",
        ),
        pytest.param(
            Row(current=state(S.RUNNING, task_parameters_id=ONE), proposed=state(S.COMPLETED, at=NOW)), id="later"
        ),
    ],
)
async def test_table(row: Row) -> None:
    await check(CopyTaskParametersId(), task_run(row.current), row)
