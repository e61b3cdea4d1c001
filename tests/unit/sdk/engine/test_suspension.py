"""The watch over a run that others may suspend, where there are no events to tell of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from uuid_utils.compat import uuid7

import ostinato.engine.suspension
from ostinato import flow, task
from ostinato.context import FlowRunContext
from ostinato.engine.flow_plan import FlowRunEngine
from ostinato.engine.suspension import SuspensionWatch
from ostinato.exceptions import Pause
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.states import State, StateDetails, StateType
from tests.support.engine import FakeServer


@task
def step() -> None:
    return None


@flow
def once() -> None:
    return None


@pytest.fixture(autouse=True)
def polls_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server be asked every few milliseconds: there is no socket in these tests."""
    monkeypatch.setattr(ostinato.engine.suspension, "POLL_SECONDS", 0.01)


def suspend(server: FakeServer, run: FlowRun, *, reschedule: bool = True) -> None:
    details = StateDetails(pause_reschedule=reschedule)
    run.state = State(
        type=StateType.PAUSED, name="Suspended", state_details=details, id=uuid7(), timestamp=run_time(server)
    )


def run_time(server: FakeServer) -> Any:  # Any: a time
    return server.last_state().timestamp


def until_told(watch: SuspensionWatch) -> None:
    told = threading.Event()
    while not told.wait(0.01):
        try:
            watch.check()
        except Pause:
            told.set()


def test_the_server_is_asked_where_no_events_come(server: FakeServer) -> None:
    once()
    run = server.only_flow_run
    with SuspensionWatch(run.id) as watch:
        watch.check()
        suspend(server, run)
        until_told(watch)


def test_a_pause_that_keeps_the_process_is_none(server: FakeServer) -> None:
    once()
    run = server.only_flow_run
    suspend(server, run, reschedule=False)
    with SuspensionWatch(run.id) as watch:
        asked = len(server.requests)
        done = threading.Event()
        while len(server.requests) < asked + 3:
            done.wait(0.01)
        watch.check()


@pytest.mark.parametrize("stops", ["call", "submit", "flow", "end"])
def test_a_suspended_run_stops_at_its_next_safe_point(stops: str, server: FakeServer) -> None:
    after: list[str] = []

    @flow
    def work() -> None:
        context = FlowRunContext.get()
        assert context is not None
        assert context.suspension is not None
        suspend(server, server.only_flow_run)
        until_told(context.suspension)
        if stops == "end":
            return
        {"call": step, "submit": step.submit, "flow": once}[stops]()
        after.append("went on")

    once()
    run = server.only_flow_run
    run.deployment_id = uuid7()
    with pytest.raises(Pause):
        drive_existing(work, run)
    assert after == []
    assert server.state_names()[-1] == "Running"
    assert len(server.flow_runs) == 1


def drive_existing(work: Any, run: FlowRun) -> None:  # Any: a flow
    from ostinato.engine.drivers import drive

    drive(FlowRunEngine(work, {}, None, log_prints=False, existing=run).plan())
