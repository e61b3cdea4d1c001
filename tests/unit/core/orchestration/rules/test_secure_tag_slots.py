"""The table of `SecureTagSlots`."""

from datetime import timedelta
from typing import Any

import pytest

from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.ports import TagSlots
from ostinato_core.orchestration.rules.secure_tag_slots import SecureTagSlots
from ostinato_core.orchestration.rules.wait_for_scheduled_time import WaitForScheduledTime
from ostinato_core.orchestration.states import wire_time
from ostinato_core.orchestration.transition import TaskRunFacts
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import LEASE, NOW, FakePorts, Row, ask, check, state, task_run

S = StateType
ASKED = ["take_tag_slots a b"]


def row(**members: Any) -> Row:  # members of `Row`
    values: dict[str, Any] = {
        "current": state(S.PENDING),
        "proposed": state(S.RUNNING, at=NOW),
        "run": {"tags": ["a", "b"]},
        "asked": ASKED,
    }
    return Row(**(values | members))


def full(wait: float, delay: int) -> Row:
    return row(
        ports=FakePorts(tag_slots=TagSlots(full=["a", "b"], wait=wait)), status=SetStateStatus.WAIT, delay=delay,
        reason="Concurrency limit reached for tags: a, b",
    )  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row(ports=FakePorts(tag_slots=TagSlots(LEASE))), id="taken"),
        pytest.param(row(), id="no tag is limited"),
        pytest.param(row(run={"tags": []}, asked=[]), id="no tags"),
        pytest.param(row(current=state(S.RUNNING), asked=[]), id="has its slots already"),
        pytest.param(row(proposed=state(S.COMPLETED, at=NOW), asked=[]), id="does not run"),
        pytest.param(full(2.6, 3), id="full"),
        pytest.param(full(0.1, 1), id="full, for at least a second"),
        pytest.param(
            row(ports=FakePorts(tag_slots=TagSlots(zero=["b"])), status=SetStateStatus.ABORT,
                reason='The concurrency limit on tag "b" is 0 and will deadlock if the task tries to run again.'),
            id="no slots at all",
        ),
    ],
)  # fmt: skip
async def test_table(row: Row) -> None:
    await check(SecureTagSlots(), task_run(row.current), row)


async def test_the_slots_are_given_back_where_a_later_rule_decides_otherwise() -> None:
    ports = FakePorts(tag_slots=TagSlots(LEASE))
    current = state(S.PENDING, scheduled_time=wire_time(NOW + timedelta(seconds=60)))
    policy = Policy("two rules", (SecureTagSlots(), WaitForScheduledTime[TaskRunFacts]()), ())
    outcome = await ask(task_run(current, tags=["a"]), state(S.RUNNING, at=NOW), policy, ports=ports)
    assert outcome.status is SetStateStatus.WAIT
    assert (ports.asked[-1], ports.leases) == ("release_lease", set())
