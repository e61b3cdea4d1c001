"""The server is killed in mid-run, the client is killed, or both: at the end nothing is missing, in order, once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ostinato.client import get_client
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.events import EventFilter, EventNameFilter
from ostinato_wire.filters import AnyId, AnyOrNotId
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.logs import LogFilter
from ostinato_wire.states import StateType
from tests.integration.sdk.conftest import SECONDS, Project
from tests.support.server import Server

STEPS = 30
GATES = (10, 20)
"""Steps after which the flow waits for the test."""
OUTAGE_SECONDS = 60.0

PROGRAM = f'''
"""A flow that says how far it is, and waits where the test wants it to."""

import os
import time

from ostinato import flow, get_run_logger, task


@task
def step(number):
    get_run_logger().info("step %s", number)
    return number


@flow
def child():
    get_run_logger().info("in the child")


def gate(number):
    open(f"reached-{{number}}", "w").close()
    while not os.path.exists(f"go-{{number}}"):
        time.sleep(0.05)


@flow
def long():
    open("run-id", "w").write(str(__import__("ostinato").runtime.flow_run.id))
    for number in range({STEPS}):
        step(number)
        if number in {GATES}:
            gate(number)
    if os.environ.get("WITH_CHILD"):
        child()


@flow
def after():
    pass


if __name__ == "__main__":
    import sys

    globals()[sys.argv[1]]()
'''


@dataclass
class Runs:
    """Processes that run the flows of the program, one after the other, in the folder of the project."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict[str, str])
    processes: "list[subprocess.Popen[bytes]]" = field(default_factory=list["subprocess.Popen[bytes]"])

    def start(self, flow: str, **environment: str) -> "subprocess.Popen[bytes]":
        """Start a process; what it says goes to the file `output`."""
        with (self.folder / "output").open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "program.py", flow],
                cwd=self.folder, env={**os.environ, **self.environment, **environment},
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def output(self) -> str:
        """Return what the processes said."""
        return (self.folder / "output").read_text()

    def reach(self, number: int) -> None:
        """Wait until the flow waits."""
        self.until(lambda: (self.folder / f"reached-{number}").exists(), f"gate {number}")

    def go(self, number: int) -> None:
        """Let the flow go on."""
        (self.folder / f"go-{number}").touch()

    def until_said(self, text: str) -> None:
        """Wait until a process said something."""
        self.until(lambda: text in self.output(), text)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"it did not happen in time: {what}\n{self.output()}"
            time.sleep(0.05)

    @property
    def run_id(self) -> UUID:
        """The flow run of `long`."""
        return UUID((self.folder / "run-id").read_text())

    def journals(self) -> list[str]:
        """Return the names of the journals that are left."""
        folder = Path(os.environ["OSTINATO_HOME"]) / "journal"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def runs(project: Project) -> Generator[Runs]:
    """The program, and what runs it; all processes are ended after the test."""
    (project.folder / "program.py").write_text(PROGRAM)
    runs = Runs(project.folder, {"OSTINATO_CLIENT_MAX_RETRIES": "0"})
    yield runs
    for process in runs.processes:
        process.kill()
        process.wait()


def check_steps(client: SyncOstinatoClient, run_id: UUID, steps: int) -> None:
    """Every step is told once: its task run with all its states in order, and its log line."""
    wanted = FlowRunFilter(id=AnyOrNotId(any_=[run_id]))
    task_runs = [run for run in client.read_task_runs(flow_run_filter=wanted) if run.name.startswith("step")]
    assert len(task_runs) == steps
    for run in task_runs:
        states = client.read_task_run_states(run.id)
        assert [state.name for state in states] == ["Pending", "Running", "Completed"], run.name
        assert run.state_type is StateType.COMPLETED
        stored = client.read_events(EventFilter.model_validate(resource_filter(f"prefect.task-run.{run.id}"))).events
        names = sorted(event.event for event in stored)
        assert names == [f"prefect.task-run.{name}" for name in ("Completed", "Pending", "Running")]
    lines = [line.message for line in read_all_logs(client, run_id) if line.message.startswith("step ")]
    assert lines == [f"step {number}" for number in range(steps)]


def read_all_logs(client: SyncOstinatoClient, run_id: UUID) -> list[Any]:  # Any: log lines
    """Return the log of a run in order of time."""
    found: list[Any] = []
    while page := client.read_logs(LogFilter(flow_run_id=AnyId(any_=[run_id])), offset=len(found)):
        found += page
    return found


def resource_filter(resource_id: str) -> dict[str, Any]:
    """Return a filter of events by their resource."""
    return {"resource": {"id": [resource_id]}}


def late_reports(client: SyncOstinatoClient, run_id: UUID) -> list[dict[str, Any]]:
    """Return what was told on the run of late reports, oldest first; waits for the first.

    The reference's server confirms events before they can be read.
    """
    wanted = EventFilter(event=EventNameFilter(name=["ostinato.flow-run.reported-late"]))
    deadline = time.monotonic() + SECONDS
    while True:
        found = client.read_events(wanted).events
        own = [event for event in found if event.resource["prefect.resource.id"].endswith(str(run_id))]
        if own:
            return [event.payload for event in sorted(own, key=lambda event: event.occurred)]
        assert time.monotonic() < deadline, "nothing was told on the run"
        time.sleep(0.1)


def flow_states(client: SyncOstinatoClient, run_id: UUID) -> list[str | None]:
    """Return the names of the states of a flow run."""
    return [state.name for state in client.read_flow_run_states(run_id)]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seconds", [0.0, OUTAGE_SECONDS], ids=["short", "a-minute"])
def test_a_run_goes_on_and_ends_while_the_server_is_away(runs: Runs, server: Server, seconds: float) -> None:
    process = runs.start("long", WITH_CHILD="1")
    runs.reach(GATES[0])
    server.kill()
    runs.go(GATES[0])
    runs.reach(GATES[1])
    runs.go(GATES[1])
    runs.until_said("The server is away")
    time.sleep(seconds)
    server.start()
    assert process.wait(SECONDS) == 0, runs.output()

    with get_client(sync_client=True) as client:
        assert flow_states(client, runs.run_id) == ["Pending", "Running", "Completed"]
        check_steps(client, runs.run_id, STEPS)
        own = [line.message for line in read_all_logs(client, runs.run_id) if line.task_run_id is None]
        assert own.count("Finished in state Completed()") == 1
        assert children_of(client, runs.run_id) == ["Completed"]
        (told,) = late_reports(client, runs.run_id)
        assert told["cause"] == "server-away"
        assert told["events"] >= 3 * (STEPS - GATES[0] - 1), "three for each step that was run meanwhile"
        assert any("The server was away from" in message for message in own)
    assert runs.journals() == []


def children_of(client: SyncOstinatoClient, run_id: UUID) -> list[str | None]:
    """Return the names of the states of the sub-flow runs of a run."""
    wanted = FlowRunFilter.model_validate({"parent_flow_run_id": {"any_": [str(run_id)]}})
    return [run.state_name for run in client.read_flow_runs(flow_run_filter=wanted)]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("is_away", [True, False], ids=["server-away", "server-there"])
def test_what_a_killed_process_had_not_told_is_told_by_the_next(runs: Runs, server: Server, is_away: bool) -> None:
    process = runs.start("long")
    runs.reach(GATES[0])
    if is_away:
        server.kill()
    runs.go(GATES[0])
    runs.reach(GATES[1])
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(runs.journals()) == 1
    if is_away:
        server.start()
    assert runs.start("after", OSTINATO_CLIENT_MAX_RETRIES="5").wait(SECONDS) == 0, runs.output()

    with get_client(sync_client=True) as client:
        check_steps(client, runs.run_id, GATES[1] + 1)
        assert flow_states(client, runs.run_id) == ["Pending", "Running", "Crashed"]
        (told,) = late_reports(client, runs.run_id)
        assert told["cause"] == "process-died"
        assert told["process"] == process.pid
        assert (told["lost_events"], told["lost_log_lines"]) == (0, 0)
        assert any(f"Process {process.pid}" in line.message for line in read_all_logs(client, runs.run_id))
    assert runs.journals() == []


@pytest.mark.timeout(240)
@pytest.mark.parametrize("killed", [True, False], ids=["killed", "gave-up"])
def test_an_end_that_could_not_be_told_is_told_by_a_replay(runs: Runs, server: Server, killed: bool) -> None:
    patience = {} if killed else {"OSTINATO_JOURNAL_PATIENCE": "0"}
    process = runs.start("long", **patience)
    runs.reach(GATES[0])
    server.kill()
    runs.go(GATES[0])
    runs.reach(GATES[1])
    runs.go(GATES[1])
    if killed:
        runs.until_said("The server is away")
        process.send_signal(signal.SIGKILL)
        process.wait()
    else:
        assert process.wait(2 * SECONDS) == 0, "the flow itself did its work"
        assert "the next process of this machine reports it" in runs.output()
    (listed,) = json.loads(command("journal", "ls", "-o", "json"))
    assert not listed["is_alive"]
    assert "ended" in {note["kind"] for note in listed["notes"]}
    server.start()
    assert "1 end(s) of runs" in command("journal", "replay")
    assert "No process left anything" in command("journal", "replay")

    with get_client(sync_client=True) as client:
        assert flow_states(client, runs.run_id) == ["Pending", "Running", "Completed"]
        check_steps(client, runs.run_id, STEPS)
        told = late_reports(client, runs.run_id)[-1]
        assert "is reported now" in told["end"]
    assert runs.journals() == []


def command(*arguments: str) -> str:
    """Run `ostinato` in a process of its own; return what it printed."""
    program = "import sys; from ostinato.cli.main import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=2 * SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
