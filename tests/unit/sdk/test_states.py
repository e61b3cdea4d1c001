"""The SDK's states: constructors, results, predicates, and how they read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from ostinato import states
from ostinato.exceptions import (
    CancelledRun,
    CrashedRun,
    FailedRun,
    MissingResult,
    PausedRun,
    UnfinishedRun,
)
from ostinato.states import Completed, Failed, Paused, Scheduled, State, Suspended, get_state_exception
from ostinato_wire.states import State as WireState
from ostinato_wire.states import StateType

CONSTRUCTORS: list[tuple[Callable[[], State], StateType, str]] = [
    (states.Scheduled, StateType.SCHEDULED, "Scheduled"),
    (states.Late, StateType.SCHEDULED, "Late"),
    (states.AwaitingRetry, StateType.SCHEDULED, "AwaitingRetry"),
    (states.AwaitingConcurrencySlot, StateType.SCHEDULED, "AwaitingConcurrencySlot"),
    (states.Pending, StateType.PENDING, "Pending"),
    (states.Submitting, StateType.PENDING, "Submitting"),
    (states.InfrastructurePending, StateType.PENDING, "InfrastructurePending"),
    (states.Running, StateType.RUNNING, "Running"),
    (states.Retrying, StateType.RUNNING, "Retrying"),
    (states.Completed, StateType.COMPLETED, "Completed"),
    (states.Failed, StateType.FAILED, "Failed"),
    (states.Crashed, StateType.CRASHED, "Crashed"),
    (states.Cancelling, StateType.CANCELLING, "Cancelling"),
    (states.Cancelled, StateType.CANCELLED, "Cancelled"),
    (states.Paused, StateType.PAUSED, "Paused"),
    (states.Suspended, StateType.PAUSED, "Suspended"),
]


@pytest.mark.parametrize(("make", "type_", "name"), CONSTRUCTORS)
def test_constructor_gives_type_and_name(make: Callable[[], State], type_: StateType, name: str) -> None:
    state = make()

    assert (state.type, state.name) == (type_, name)
    assert (state.state_details.scheduled_time is not None) == (type_ is StateType.SCHEDULED)


def test_every_type_has_a_predicate() -> None:
    for make, type_, _ in CONSTRUCTORS:
        state = make()
        true = {kind for kind in StateType if getattr(state, f"is_{kind.value.lower()}")()}
        assert true == {type_}
        assert state.is_final() == (type_ in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


def test_scheduled_time() -> None:
    when = datetime(2030, 1, 1, tzinfo=UTC)

    assert Scheduled(when).state_details.scheduled_time == when


def test_pause_takes_one_kind_of_time() -> None:
    until = datetime.now(UTC) + timedelta(hours=1)

    assert Paused(pause_expiration_time=until).state_details.pause_timeout == until
    assert Suspended(timeout_seconds=10).state_details.pause_reschedule
    with pytest.raises(ValueError, match="not both"):
        Paused(timeout_seconds=1, pause_expiration_time=until)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (Completed(), "Completed()"),
        (Failed(message="why"), "Failed('why')"),
        (Completed(name="Cached"), "Cached(type=COMPLETED)"),
        (Completed(name="Cached", message="hit"), "Cached('hit', type=COMPLETED)"),
    ],
)
def test_text(state: State, text: str) -> None:
    assert str(state) == text


def test_repr_has_type_and_result() -> None:
    assert repr(Completed(data=1)) == "Completed(type=COMPLETED, result=1)"


def test_results() -> None:
    assert Completed(data=[1]).result() == [1]
    with pytest.raises(MissingResult):
        Completed().result()
    with pytest.raises(UnfinishedRun, match="Running"):
        states.Running().result()
    with pytest.raises(PausedRun) as caught:
        Paused().result()
    assert isinstance(caught.value.state, State)


@pytest.mark.parametrize(
    ("state", "kind", "text"),
    [
        (Failed(), FailedRun, "Run failed."),
        (Failed(message="why"), FailedRun, "why"),
        (Failed(data="text"), FailedRun, "text"),
        (Failed(data=KeyError("k")), KeyError, "'k'"),
        (Failed(data=Failed(data=ValueError("inner"))), ValueError, "inner"),
        (Failed(data=[Completed(), Failed(data=ValueError("first"))]), ValueError, "first"),
        (states.Crashed(), CrashedRun, "Run crashed."),
        (states.Cancelled(), CancelledRun, "Run cancelled."),
    ],
)
def test_exception_of_a_failed_state(state: State, kind: type[Exception], text: str) -> None:
    error = get_state_exception(state)

    assert type(error) is kind
    assert str(error) == text
    assert state.result(raise_on_failure=False) is not None
    with pytest.raises(kind):
        state.result()


def test_exception_of_another_state_is_refused() -> None:
    with pytest.raises(ValueError, match="Expected a failed"):
        get_state_exception(Completed())


def test_group_counts() -> None:
    group = states.StateGroup([Completed(), Failed(), states.Crashed(), states.Running(), Paused()])

    assert (group.total, group.completed, group.failed, group.not_final, group.paused) == (5, 1, 2, 2, 1)


def test_state_of_the_wire_becomes_one_with_a_result() -> None:
    wire = WireState.model_validate(Completed(message="m").model_dump())

    state = State.from_wire(wire, data=3)

    assert (state.id, state.message, state.result()) == (wire.id, "m", 3)
