"""Containers are killed one after the other while flows run for minutes: nothing is lost, nothing happens twice."""

import itertools
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.flows import finish, start
from tests.e2e.stack import Stack
from tests.e2e.worker import runs_of_deployment, working
from tests.support.clients import PRODUCTS, Product

SECONDS = float(os.environ.get("OSTINATO_E2E_CHAOS_SECONDS", "180"))
KILL_EVERY = 15.0
SEED = 20261122
TASKS = 12
VICTIMS = ("api", "api", "scheduler", "redis", "nginx", "worker")
ON_THE_WAY = ("api", "nginx")
"""Victims that end connections of clients."""
ENDS_WITHIN = 420.0
"""Seconds for what was killed with its worker: two missed heartbeats, a pause before the next try, and the try."""
GAVE_UP = "Error logging to API"
"""What the reference's client prints where it drops log lines: it does not try again for long."""
TASKS_OF_A_KILL = 2
"""Task runs of which the reference's client may lose what it told: it does not ask whether what it has written into a
connection that broke just then has arrived, the end of one and the beginning of the next."""


class Chaos:
    """Kills one random container every so often, in a thread, until it is told to stop."""

    def __init__(self, stack: Stack) -> None:
        self.killed: list[tuple[str, datetime]] = []
        """Services, and when one of their containers was killed."""
        self._stack = stack
        self._random = random.Random(SEED)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Chaos":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(KILL_EVERY):
            service = self._random.choice(VICTIMS)
            if self._stack.kill(self._random.choice(self._stack.containers(service))):
                self.killed.append((service, datetime.now(UTC)))


@pytest.mark.timeout(SECONDS + 2 * ENDS_WITHIN)
def test_nothing_is_lost_and_nothing_happens_twice(stack: Stack, tmp_path: Path) -> None:
    with working(stack, tmp_path) as deployment:
        retry = {"retry_on_crash": {"max": 5, "delay": 1, "only_if": "any"}}
        assert stack.ask(f"/api/deployments/{deployment}", "PATCH", retry)[0] == 204
        printed, killed = run_flows_under_chaos(stack, tmp_path)
        check_deployment(stack, deployment)
    print(f"{len(printed)} flow runs; killed: {dict(Counter(service for service, _ in killed))}")
    assert len(killed) >= SECONDS / KILL_EVERY / 2
    times = [at for service, at in killed if service in ON_THE_WAY]
    for name, output in printed.items():
        of_reference = name.endswith("-prefect")
        check_run(stack, name, times if of_reference else [], drops_lines=of_reference and GAVE_UP in output)


def run_flows_under_chaos(stack: Stack, tmp_path: Path) -> tuple[dict[str, str], list[tuple[str, datetime]]]:
    """Run flows of both products, two at a time, while containers are killed; return what each run printed, by its
    name, and what was killed when.

    A last flow runs in peace: what a process could not hand in before its end, the next one of its home does.
    """
    printed: dict[str, str] = {}
    deadline = time.monotonic() + SECONDS
    numbers = itertools.count()
    with Chaos(stack) as chaos:
        while time.monotonic() < deadline:
            wave: list[tuple[Product, str]] = [(product, f"chaos-{next(numbers)}-{product}") for product in PRODUCTS]
            began = [start(stack, tmp_path / product, product, "0.2", str(TASKS), name) for product, name in wave]
            printed |= zip((name for _, name in wave), finish(began), strict=True)
    stack.wait_until_ready()
    finish([start(stack, tmp_path / "ostinato", "ostinato", "0", "1", "peace")])
    return printed, chaos.killed


def check_deployment(stack: Stack, deployment: str) -> None:
    """What the schedule asked for ran, once for each time, also where its worker was killed meanwhile."""
    assert stack.ask(f"/api/deployments/{deployment}/pause_deployment", "POST", {})[0] == 200
    deadline = time.monotonic() + ENDS_WITHIN
    while unfinished := runs_of_deployment(stack, deployment, "SCHEDULED", "PENDING", "RUNNING"):
        assert time.monotonic() < deadline, unfinished
        time.sleep(2)
    assert not runs_of_deployment(stack, deployment, "FAILED", "CRASHED", "CANCELLED", "CANCELLING")
    runs = runs_of_deployment(stack, deployment, "COMPLETED")
    assert len(runs) >= SECONDS / 20
    assert len({run["expected_start_time"] for run in runs}) == len(runs)
    for run in runs:
        states = stack.ask(f"/api/flow_run_states/?flow_run_id={run['id']}")[2]
        told = Counter(state["type"] for state in states)
        assert (told["RUNNING"], told["COMPLETED"]) == (run["run_count"], 1), states


def check_run(stack: Stack, name: str, killed: Sequence[datetime], *, drops_lines: bool) -> None:
    """A run is there once, completed, with all its task runs, log lines and events, each of them once.

    `killed`: when its client may have lost what it told of task runs; `drops_lines`: its client says that it has
    dropped log lines. No server can have either.
    """
    (run,) = stack.ask("/api/flow_runs/filter", "POST", {"flow_runs": {"name": {"any_": [name]}}})[2]
    assert (run["state"]["type"], run["run_count"]) == ("COMPLETED", 1), name
    of_run = {"flow_run_id": {"any_": [run["id"]]}}
    found = stack.ask("/api/task_runs/filter", "POST", {"task_runs": of_run})[2]
    tasks = [task for task in found if (task["state"]["type"], task["run_count"]) == ("COMPLETED", 1)]
    lost = TASKS_OF_A_KILL * sum(was_during(run, at) for at in killed)
    assert TASKS - lost <= len(tasks) <= len(found) <= TASKS, (name, found)
    lines = stack.ask("/api/logs/filter", "POST", {"logs": of_run})[2]
    said = Counter(line["message"] for line in lines if line["message"].startswith("adding "))
    # Lines come at least once: a batch whose answer was lost is sent again.
    wanted = {f"adding {number}" for number in range(TASKS)}
    assert set(said) == wanted or (drops_lines and set(said) < wanted), name
    assert events_of(stack, f"prefect.flow-run.{run['id']}")["prefect.flow-run.Completed"] == 1, name
    for task in tasks:
        assert events_of(stack, f"prefect.task-run.{task['id']}")["prefect.task-run.Completed"] == 1, name


def was_during(run: dict[str, Any], at: datetime) -> bool:  # Any: JSON
    """Whether a moment lies within a run, or within the second after it in which its client says good-bye."""
    start, end = (datetime.fromisoformat(run[member]) for member in ("start_time", "end_time"))
    return start <= at <= end + timedelta(seconds=1)


def events_of(stack: Stack, resource: str) -> Counter[str]:
    """Count the events of a resource by their names."""
    wanted: dict[str, Any] = {"filter": {"resource": {"id": [resource]}}, "limit": 50}  # Any: JSON
    found = stack.ask("/api/events/filter", "POST", wanted)[2]["events"]
    return Counter(event["event"] for event in found)
