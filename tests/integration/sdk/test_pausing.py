"""Runs that pause, suspend, are resumed, and talk to each other, on a real server."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel
from uuid_utils.compat import uuid4

from ostinato import flow, get_client, pause_flow_run, resume_flow_run, suspend_flow_run, task
from ostinato.exceptions import FlowPauseTimeout, FlowRunWaitTimeout, NotPausedError, ObjectNotFound
from ostinato.flow_runs import apause_flow_run, aresume_flow_run, asuspend_flow_run, wait_for_flow_run
from ostinato.flows import Flow
from ostinato.input import RunInput, receive_input, send_input
from ostinato.runner import Runner
from ostinato.runtime import flow_run
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.flows import FlowFilter
from ostinato_wire.states import StateType
from tests.integration.sdk.conftest import Project, until, until_final, until_in
from tests.integration.sdk.test_runner import new_run

SUSPENDING = '''
"""A flow that suspends itself, and asks for a number meanwhile."""

from ostinato import flow, suspend_flow_run


@flow
def suspending():
    with open("attempts", "a") as attempts:
        attempts.write("begun\\n")
    number = suspend_flow_run(wait_for_input=int)
    with open("attempts", "a") as attempts:
        attempts.write(f"got {number}\\n")
'''


class Approval(RunInput):
    """What is asked of people."""

    approved: bool
    on: datetime.date = datetime.date(2026, 1, 1)


class Rows(BaseModel):
    """A model that is no RunInput."""

    count: int


async def only_run(name: str) -> FlowRun:
    """Return the one run of a flow, once there is one."""
    while True:
        async with get_client() as client:
            found = await client.read_flow_runs(flow_filter=FlowFilter.model_validate({"name": {"any_": [name]}}))
        if found:
            return found[0]
        await asyncio.sleep(0.05)


async def test_a_paused_run_goes_on_with_what_it_was_told(project: Project) -> None:
    name, got = f"pausing-{uuid4()}", list[Any]()

    @flow(name=name)
    def pausing() -> None:
        got.append(
            pause_flow_run(wait_for_input=Approval.with_initial_data("*Really?*", approved=True), poll_interval=0.1)
        )
        got.append(pause_flow_run(wait_for_input=int, poll_interval=0.1))
        got.append(pause_flow_run(wait_for_input=Rows, poll_interval=0.1, key="rows"))
        got.append(pause_flow_run(poll_interval=0.1))

    running = asyncio.create_task(asyncio.to_thread(pausing))
    run_id = (await only_run(name)).id
    answers: list[dict[str, Any] | None] = [{"approved": False}, {"value": 7}, {"count": 3}, None]
    for number, answer in enumerate(answers, 1):
        await until(lambda: len(got) == number - 1, "the pause before ended")  # noqa: B023 - asked before the next one
        await until_in(run_id, StateType.PAUSED)
        await resumed_when_asked(run_id, answer)
    await running
    approval = got[0]
    assert isinstance(approval, Approval)
    assert (approval.approved, approval.on) == (False, datetime.date(2026, 1, 1))
    assert (got[1], got[2].count, got[3]) == (7, 3, None)
    async with get_client() as client:
        assert await client.read_flow_run_input(run_id, "paused-1-description") == '"*Really?*"'
    with pytest.raises(NotPausedError):
        await aresume_flow_run(run_id)


async def resumed_when_asked(run_id: UUID, answer: dict[str, Any] | None) -> None:
    """Resume a run as soon as it has stored its question."""
    for _ in range(600):
        try:
            return await aresume_flow_run(run_id, answer)
        except (RuntimeError, NotPausedError):
            await asyncio.sleep(0.1)
    raise AssertionError("it could not be resumed")


def test_a_pause_has_an_end(project: Project) -> None:
    @flow
    def forgotten() -> None:
        pause_flow_run(timeout=0.2, poll_interval=0.1)

    with pytest.raises(FlowPauseTimeout, match=r"within 0\.2"):
        forgotten()


async def test_async_flows_pause_too(project: Project) -> None:
    name, got = f"pausing-{uuid4()}", list[Any]()

    @flow(name=name)
    async def pausing() -> None:
        got.append(await apause_flow_run(wait_for_input=str, poll_interval=0.1))
        waiting: Any = pause_flow_run(poll_interval=0.1)  # Any: typed for sync code, an awaitable here
        await waiting

    running = asyncio.create_task(pausing())
    run_id = (await only_run(name)).id
    await until_in(run_id, StateType.PAUSED)
    await resumed_when_asked(run_id, {"value": "yes"})
    await until(lambda: got, "the first pause ended")
    await until_in(run_id, StateType.PAUSED)
    await resumed_when_asked(run_id, None)
    await running
    assert got == ["yes"]


async def test_a_suspended_run_ends_its_process_and_runs_again_when_resumed(project: Project) -> None:
    (project.folder / "suspending.py").write_text(SUSPENDING)
    deployment = (await Flow.afrom_source(".", "suspending.py:suspending")).to_deployment("served")
    runner = Runner(pause_on_shutdown=False)
    run_id = await new_run(await runner.aadd_deployment(deployment))
    await runner.start(run_once=True)
    state = await until_in(run_id, StateType.PAUSED)
    assert (state.name, state.state_details.pause_reschedule) == ("Suspended", True)
    await aresume_flow_run(run_id, {"value": 7})
    await Runner(pause_on_shutdown=False).execute_flow_run(run_id)
    assert (await until_final(run_id)).type is StateType.COMPLETED
    assert (project.folder / "attempts").read_text().split("\n") == ["begun", "begun", "got 7", ""]


def test_where_a_run_cannot_be_paused_or_suspended(project: Project) -> None:
    with pytest.raises(RuntimeError, match="from within a flow run"):
        pause_flow_run()
    with pytest.raises(RuntimeError, match="from within a flow run"):
        suspend_flow_run()

    @task
    def suspend() -> None:
        suspend_flow_run()

    @flow
    def work() -> None:
        suspend()

    with pytest.raises(RuntimeError, match="from within a task run"):
        work()

    @flow
    def undeployed() -> None:
        suspend_flow_run()

    with pytest.raises(RuntimeError, match="cannot be paused"):
        undeployed()


async def test_another_run_can_be_suspended(project: Project) -> None:
    deployment = (await Flow.afrom_source(".", "flows.py:wait")).to_deployment("waiting")
    runner = Runner(pause_on_shutdown=False)
    run_id = await new_run(await runner.aadd_deployment(deployment))
    running = asyncio.create_task(runner.start(run_once=True))
    await until_in(run_id, StateType.RUNNING)
    await asuspend_flow_run(flow_run_id=run_id)
    await until_in(run_id, StateType.PAUSED)
    (project.folder / "go").touch()
    await running


def test_runs_send_and_receive_inputs(project: Project) -> None:
    got = list[Any]()

    @flow
    def talk() -> None:
        own = UUID(str(flow_run.id))
        send_input(5, own)
        send_input(Approval(approved=True), own)
        send_input(Rows(count=2), own, sender="somebody", key_prefix="rows")
        send_input([1, 2], own)
        got.extend(receive_input(int, timeout=0.1, poll_interval=0.05))
        approval = Approval.receive(timeout=5, poll_interval=0.05, with_metadata=True).next()
        got.append(approval)
        rows = receive_input(Rows, timeout=5, poll_interval=0.05, key_prefix="rows", with_metadata=True).next()
        got.append(rows)
        got.append(receive_input(list[int], timeout=5, poll_interval=0.05).next())
        approval.respond("thanks")
        got.append(receive_input(str, timeout=5, poll_interval=0.05).next())
        with pytest.raises(RuntimeError, match="that a flow run sent"):
            rows.respond("thanks")
        with pytest.raises(TimeoutError):
            receive_input(float, timeout=0.1, poll_interval=0.05, raise_timeout_error=True).next()

    talk()
    number, approval, rows, numbers, thanks = got
    assert (number, approval.approved, rows.count, numbers, thanks) == (5, True, 2, [1, 2], "thanks")
    assert approval.metadata.sender == f"prefect.flow-run.{approval.metadata.receiver}"
    assert rows.metadata.sender == "somebody"


async def test_waiting_for_a_run(project: Project) -> None:
    name = f"paused-{uuid4()}"

    @flow(name=name)
    def work() -> None:
        pause_flow_run(poll_interval=0.1)

    running = asyncio.create_task(asyncio.to_thread(work))
    run_id = (await only_run(name)).id
    with pytest.raises(FlowRunWaitTimeout, match=str(run_id)):
        await wait_for_flow_run(run_id, timeout=0.2)
    waiting = asyncio.create_task(wait_for_flow_run(run_id, timeout=60, log_states=True))
    await until_in(run_id, StateType.PAUSED)
    await asyncio.to_thread(resume_flow_run, run_id)
    assert (await waiting).state_type is StateType.COMPLETED
    await running
    with pytest.raises(ObjectNotFound):
        await wait_for_flow_run(uuid4(), timeout=5)
