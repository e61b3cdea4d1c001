"""The table of `PreserveLease`."""

import pytest

from ostinato_core.orchestration.rules.preserve_lease import PreserveLease
from ostinato_core.orchestration.rules.slots import LEASE as MEMBER
from ostinato_wire.states import StateType
from tests.support.orchestration import LEASE, NOW, OTHER_LEASE, Row, Values, check, flow_run, state

S = StateType
HELD: Values = {MEMBER: str(LEASE)}
OTHER: Values = {MEMBER: str(OTHER_LEASE)}


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(Row(current=state(S.PENDING, **HELD), proposed=state(S.RUNNING, at=NOW), details=HELD), id="kept"),
        pytest.param(
            Row(current=state(S.RUNNING, **HELD), proposed=state(S.COMPLETED, at=NOW), details=HELD), id="to the end"
        ),
        pytest.param(
            Row(current=state(S.PENDING, **HELD), proposed=state(S.RUNNING, at=NOW, **OTHER)),
            id="another one is named",
        ),
        pytest.param(Row(current=state(S.PENDING), proposed=state(S.RUNNING, at=NOW)), id="none to keep"),
        pytest.param(Row(current=None, proposed=state(S.PENDING, at=NOW)), id="no state yet"),
    ],
)
async def test_table(row: Row) -> None:
    await check(PreserveLease(), flow_run(row.current), row)
