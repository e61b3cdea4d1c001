"""The table of `KeepSlotsOfOldClients`."""

import pytest

from ostinato_core.orchestration.rules.keep_slots_of_old_clients import KeepSlotsOfOldClients
from ostinato_core.orchestration.rules.slots import LEASE as MEMBER
from ostinato_core.orchestration.transition import Instruction, KeepLease, Proposer
from ostinato_wire.states import StateType
from tests.support.orchestration import LEASE, NOW, Row, Values, check, flow_run, state

S = StateType
HELD: Values = {MEMBER: str(LEASE)}
KEPT: list[Instruction] = [KeepLease(LEASE)]


@pytest.mark.parametrize(
    ("version", "after"),
    [
        (None, KEPT), ("3.1.15", KEPT), ("3.4.10", KEPT), ("3.4.11.dev2", KEPT), ("unknown", KEPT),
        ("3.4.11", []), ("3.4.11+build", []), ("3.6.0rc1", []), ("3.8.4", []), ("4.0.0", []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("proposed", [S.RUNNING, S.CANCELLING])
async def test_versions(proposed: StateType, version: str | None, after: list[Instruction]) -> None:
    current = state(S.PENDING, **HELD)
    row = Row(current=current, proposed=state(proposed, at=NOW), proposer=Proposer(client_version=version), after=after)
    await check(KeepSlotsOfOldClients(), flow_run(current), row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(Row(current=state(S.PENDING), proposed=state(S.RUNNING, at=NOW), after=[]), id="no lease"),
        pytest.param(Row(current=state(S.PENDING, **HELD), proposed=state(S.CANCELLED, at=NOW), after=[]), id="ended"),
        pytest.param(
            Row(current=state(S.RUNNING, **HELD), proposed=state(S.CANCELLING, at=NOW), after=[]), id="ran already"
        ),
    ],
)
async def test_table(row: Row) -> None:
    await check(KeepSlotsOfOldClients(), flow_run(row.current), row)
