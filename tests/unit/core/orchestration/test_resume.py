"""What a request to resume proposes."""

import pytest

from ostinato_core.orchestration.resume import propose_resume
from ostinato_core.orchestration.rule import Abort
from ostinato_core.orchestration.states import RunState
from ostinato_wire.states import ALL_STATES, StateType
from tests.support.orchestration import NOW, state

S = StateType


@pytest.mark.parametrize("current", [None, *sorted(ALL_STATES - {S.PAUSED})])
def test_only_a_paused_run_resumes(current: StateType | None) -> None:
    found = propose_resume(state(current) if current else None, NOW)
    assert found == Abort("Cannot resume a flow run that is not paused.")


@pytest.mark.parametrize(
    ("current", "type_", "name", "due"),
    [
        (state(S.PAUSED, "Suspended", pause_reschedule=True), S.SCHEDULED, "Resuming", NOW),
        (state(S.PAUSED), S.RUNNING, "Running", None),
    ],
)
def test_a_suspended_run_is_scheduled_and_a_paused_one_goes_on(
    current: RunState, type_: StateType, name: str, due: object
) -> None:
    found = propose_resume(current, NOW)
    assert isinstance(found, RunState)
    assert (found.type, found.name, found.timestamp, found.scheduled_time()) == (type_, name, NOW, due)
