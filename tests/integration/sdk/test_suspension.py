"""A run that somebody else suspends stops at its next safe point, and runs again when it is resumed."""

from __future__ import annotations

import asyncio

from ostinato.flow_runs import aresume_flow_run, asuspend_flow_run
from ostinato.flows import Flow
from ostinato.runner import Runner
from ostinato_wire.states import StateType
from tests.integration.sdk.conftest import Project, until, until_final, until_in
from tests.integration.sdk.test_runner import new_run

STEPS = '''
"""Flows that go from step to step until a file is there."""

import os
import time

from ostinato import flow, task


@task
def step():
    time.sleep(0.05)


def note(text):
    with open("notes", "a") as notes:
        notes.write(text + "\\n")


@flow
def calling():
    note("begun")
    while not os.path.exists("go"):
        step()
    note("through")


@flow
def submitting():
    note("begun")
    while not os.path.exists("go"):
        step.submit().result()
    note("through")

'''


async def suspend_and_resume(project: Project, name: str) -> None:
    (project.folder / "steps.py").write_text(STEPS)
    notes = project.folder / "notes"
    deployment = (await Flow.afrom_source(".", f"steps.py:{name}")).to_deployment(name)
    runner = Runner(pause_on_shutdown=False)
    run_id = await new_run(await runner.aadd_deployment(deployment))
    running = asyncio.create_task(runner.start(run_once=True))
    await until(notes.exists, "the flow began")
    await asuspend_flow_run(flow_run_id=run_id)
    await running  # its process ended, although nothing told the flow to go
    assert notes.read_text() == "begun\n"
    await until_in(run_id, StateType.PAUSED)

    (project.folder / "go").touch()
    await aresume_flow_run(run_id)
    await runner.start(run_once=True)
    assert (await until_final(run_id)).type is StateType.COMPLETED
    assert notes.read_text() == "begun\nbegun\nthrough\n"


async def test_it_stops_where_it_calls_a_task(project: Project) -> None:
    await suspend_and_resume(project, "calling")


async def test_it_stops_where_it_waits_for_a_future(project: Project) -> None:
    await suspend_and_resume(project, "submitting")
