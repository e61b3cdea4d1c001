"""States between the wire and the rules."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from ostinato_core.orchestration.states import DEFAULT_DETAILS, RunState, wire_time
from ostinato_wire.base import Json
from ostinato_wire.states import State, StateCreate, StateDetails, StateType
from tests.support.orchestration import NOW, state

TRANSITION = UUID("00000000-0000-4000-8000-000000000001")


def test_the_wires_state_has_all_details() -> None:
    assert set(DEFAULT_DETAILS) == set(StateDetails.model_fields)
    assert len(DEFAULT_DETAILS) == 18


def test_a_proposal_becomes_a_state_and_an_answer() -> None:
    given = StateCreate(
        type=StateType.PAUSED,
        name="Suspended",
        message="m",
        data={"a": 1},
        state_details=StateDetails(
            transition_id=TRANSITION, pause_timeout=datetime(2030, 1, 1, tzinfo=UTC), pause_reschedule=True
        ),
    )
    found = RunState.from_wire(given, NOW)
    assert found.pause_timeout() == datetime(2030, 1, 1, tzinfo=UTC)
    answer = State.model_validate(found.to_wire())
    assert answer.model_dump(exclude={"id", "timestamp"}) == given.model_dump()
    assert (answer.id, answer.timestamp) == (found.id, NOW)


def test_an_answer_is_spelled_as_json_has_it() -> None:
    answer = RunState(TRANSITION, StateType.RUNNING, "Running", NOW, details={"cache_key": "k"}).to_wire()
    assert answer == {
        "id": "00000000-0000-4000-8000-000000000001",
        "type": "RUNNING",
        "name": "Running",
        "timestamp": "2026-03-04T05:06:07.000089Z",
        "message": None,
        "data": None,
        "state_details": DEFAULT_DETAILS | {"cache_key": "k"},
    }


def test_a_scheduled_state_without_a_time_is_due_now() -> None:
    assert state(StateType.SCHEDULED, at=NOW).scheduled_time() == NOW
    assert state(StateType.PENDING, at=NOW).scheduled_time() is None


def test_a_name_defaults_to_the_type() -> None:
    assert state(StateType.CANCELLING).name == "Cancelling"
    assert state(StateType.RUNNING, "Retrying").name == "Retrying"


def test_a_copy_shares_no_details() -> None:
    one = RunState.make(StateType.RUNNING, NOW)
    other = one.copy()
    assert other == one
    other.details["cache_key"] = "k"
    assert one.details["cache_key"] is None
    assert DEFAULT_DETAILS["cache_key"] is None


@pytest.mark.parametrize(
    ("data", "persisted", "unpersisted"),
    [
        ({"type": "reference"}, True, False),
        ({}, True, False),
        ({"type": "unpersisted"}, False, True),
        (None, False, False),
        ([1], False, False),
        ("text", False, False),
    ],
)
def test_what_counts_as_a_stored_result(data: Json, persisted: bool, unpersisted: bool) -> None:
    found = state(StateType.COMPLETED, data=data)
    assert (found.has_persisted_result(), found.is_unpersisted()) == (persisted, unpersisted)


def test_terminal_states_are_final() -> None:
    assert [type_.value for type_ in StateType if state(type_).is_final()] == [
        "COMPLETED",
        "FAILED",
        "CANCELLED",
        "CRASHED",
    ]


def test_times_are_spelled_with_a_z() -> None:
    assert wire_time(datetime(2030, 1, 1, tzinfo=UTC)) == "2030-01-01T00:00:00Z"
