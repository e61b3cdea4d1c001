"""Plans without any I/O: the steps that they ask for, in order, and what they make of the outcomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ostinato import flow, task
from ostinato.engine.steps import EXHAUSTED, Call, Deliver, Emit, NextItem, Offload, Plan, Request, Sleep, Step
from ostinato.states import State
from tests.support.engine import FakeServer


def play(plan: Plan[State], answer: Callable[[Step], Any]) -> tuple[list[str], State]:
    """Drive a plan by `answer` (which may raise) and return the names of its steps and its state."""  # Any: outcomes
    steps: list[str] = []
    try:
        step = next(plan)
        while True:
            steps.append(type(step).__name__)
            try:
                outcome = answer(step)
            except Exception as error:  # noqa: BLE001 - as a driver does
                step = plan.throw(error)
            else:
                step = plan.send(outcome)
    except StopIteration as end:
        return steps, end.value


def run(step: Step) -> Any:  # Any: outcomes
    """Answer the steps of a task run: call the function, wait for nothing."""
    match step:
        case Call():
            return step.function(*step.args, **(step.kwargs or {}))
        case NextItem():
            return next(step.items, EXHAUSTED)  # pyright: ignore[reportCallIssue, reportArgumentType, reportUnknownVariableType] - sync generators only
        case _:
            return None


def test_task_that_succeeds(server: FakeServer) -> None:
    engine = task(lambda: 1).engine({}, None)

    steps, state = play(engine.plan(), run)

    assert steps == ["Emit", "Emit", "Call", "Emit"]
    assert state.result() == 1


def test_task_that_is_retried_sleeps_as_long_as_it_says(server: FakeServer) -> None:
    slept: list[float] = []

    def fail() -> None:
        raise ValueError

    def answer(step: Step) -> Any:  # Any: outcomes
        if isinstance(step, Sleep):
            slept.append(step.seconds)
        return run(step)

    engine = task(fail, retries=3, retry_delay_seconds=[1, 20]).engine({}, None)
    steps, state = play(engine.plan(), answer)

    assert slept == [1, 20, 20]
    assert steps == ["Emit", *["Emit", "Call", "Emit", "Sleep"] * 3, "Emit", "Call", "Emit"]
    assert state.is_failed()


def test_generator_task_delivers_between_items(server: FakeServer) -> None:
    def two() -> Any:  # Any: a generator
        yield 1
        yield 2

    steps, state = play(task(two).engine({}, None).item_plan(), run)

    assert [name for name in steps if name in {"NextItem", "Deliver"}] == ["NextItem", "Deliver"] * 2 + ["NextItem"]
    assert state.is_completed()


def test_flow_asks_and_is_answered(server: FakeServer) -> None:
    from ostinato.engine.flow_plan import FlowRunEngine

    @flow
    def seven() -> int:
        return 7

    def answer(step: Step) -> Any:  # Any: outcomes
        match step:
            case Request(method, arguments):
                return getattr(server, method)(**arguments)
            case Offload(function):
                return function()
            case _:
                return run(step)

    steps, state = play(FlowRunEngine(seven, {}, None, False).plan(), answer)

    assert steps == ["Request", "Request", "Request", "Request", "Call", "Request", "Offload"]
    assert state.result() == 7


@pytest.mark.parametrize("step", [Deliver(1), "no step"])
def test_driver_refuses_steps_that_it_cannot_carry_out(step: Any) -> None:  # Any: also what is no step
    from ostinato.engine.drivers import SyncEffects

    with pytest.raises(TypeError, match="has no place"):
        SyncEffects().perform(step)


def test_emit_is_sent(server: FakeServer) -> None:
    from ostinato.engine.drivers import SyncEffects

    SyncEffects().perform(Emit({"event": "x"}))

    assert server.events == [{"event": "x"}]
