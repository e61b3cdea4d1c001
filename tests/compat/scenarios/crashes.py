"""Processes of runs are killed: a run is Crashed, or run again where its deployment says so; served and by a worker."""

import os
import signal
import sys
from pathlib import Path

from _tools import (
    PROGRAM,
    api,
    background,
    cli,
    note,
    program,
    python_of_the_client,
    state_names,
    unique,
    wait_for_state,
    wait_until,
)  # fmt: skip
from prefect import flow, runtime
from prefect.deployments import run_deployment

AGAIN = {"max": 1, "only_if": "any"}
"""Ostinato's own member of a deployment: the reference refuses it."""


@flow
def frail(crashes: int):
    begun = Path(f"begun-{runtime.flow_run.id}")
    attempt = len(begun.read_text()) + 1 if begun.exists() else 1
    begun.write_text("x" * attempt)
    if attempt <= crashes:
        os.kill(os.getpid(), signal.SIGKILL)


def find(name):
    return api("GET", f"/deployments/name/frail/{name}", status=(200, 404))


def crash(name):
    run = run_deployment(f"frail/{name}", parameters={"crashes": 1}, timeout=0)
    wait_for_state(run.id, "Crashed", seconds=40)
    api("PATCH", f"/deployments/{find(name)['id']}", {"retry_on_crash": AGAIN}, status=(204, 422))
    if "retry_on_crash" not in find(name):
        note("this server does not run again what crashed")
        return
    twice = run_deployment(f"frail/{name}", parameters={"crashes": 2}, timeout=0)
    once = run_deployment(f"frail/{name}", parameters={"crashes": 1}, timeout=0)
    for run, end in ((once, "Completed"), (twice, "Crashed")):
        ended = wait_for_state(run.id, end, seconds=70)
        names = state_names("flow_run", run.id)
        assert names.count("AwaitingRetry") == 1 and names.count("Running") == 2, names
        assert ended["run_count"] == 2, ended["run_count"]
        assert len(Path(f"begun-{run.id}").read_text()) == 2


if __name__ == "__main__":
    if len(sys.argv) > 1:
        frail.serve(name=sys.argv[1])
        sys.exit()
    name, pool = unique("frail"), unique("pool")
    with background(python_of_the_client(), Path(__file__).name, name, name="serve"):
        wait_until(lambda: "id" in find(name), "the flow is served")
        crash(name)
    name = unique("by-worker")
    cli("work-pool", "create", pool, "--type", "process")
    cli("--no-prompt", "deploy", f"{Path(__file__).name}:frail", "--name", name, "--pool", pool)
    with background(program(PROGRAM), "worker", "start", "--pool", pool, name="worker"):
        crash(name)
