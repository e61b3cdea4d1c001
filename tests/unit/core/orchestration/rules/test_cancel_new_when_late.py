"""The table of `CancelNewWhenLate`."""

from typing import Any

import pytest

from ostinato_core.orchestration.rules.cancel_new_when_late import CancelNewWhenLate
from ostinato_core.orchestration.transition import DeploymentStanding
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import LIMIT, NOW, FakePorts, Row, check, flow_run, state

S = StateType
REACHED = "Deployment concurrency limit reached."


def row(**members: Any) -> Row:  # members of `Row`
    values: dict[str, Any] = {
        "current": state(S.SCHEDULED),
        "proposed": state(S.SCHEDULED, "Late", at=NOW),
        "run": {"deployment": DeploymentStanding(LIMIT, cancels_new=True)},
        "ports": FakePorts(limit=1),
    }
    return Row(**(values | members))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            row(asked=["is_full"], status=SetStateStatus.REJECT, reason=REACHED,
                written=(S.CANCELLED, "Cancelled", REACHED, None)),
            id="full",
        ),
        pytest.param(row(ports=FakePorts(limit=1, free=1), asked=["is_full"]), id="a slot is free"),
        pytest.param(row(ports=FakePorts(), asked=["is_full"]), id="limit is gone"),
        pytest.param(row(run={"deployment": DeploymentStanding(LIMIT)}), id="new runs wait"),
        pytest.param(row(run={"deployment": DeploymentStanding(cancels_new=True)}), id="no limit"),
        pytest.param(row(run={"deployment": None}), id="no deployment"),
        pytest.param(row(proposed=state(S.SCHEDULED, at=NOW)), id="not late"),
        pytest.param(row(current=state(S.PENDING)), id="not scheduled"),
    ],
)  # fmt: skip
async def test_table(row: Row) -> None:
    await check(CancelNewWhenLate(), flow_run(row.current), row)
