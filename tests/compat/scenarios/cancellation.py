"""A run of a worker, and one of a serving process, are cancelled while they run; their hooks are told."""

import sys
import time
from pathlib import Path

from _tools import (
    PROGRAM,
    VERSION,
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
from prefect import flow
from prefect.deployments import run_deployment


def note_cancellation(flow, flow_run, state):
    Path(f"cancelled-{flow_run.id}").write_text(state.name)


@flow(on_cancellation=[note_cancellation])
def endless():
    while True:
        time.sleep(0.2)


def find(name):
    return api("GET", f"/deployments/name/endless/{name}", status=(200, 404))


def cancel_one(name, tells_hooks=True):
    run = run_deployment(f"endless/{name}", timeout=0)
    wait_for_state(run.id, "Running")
    cli("flow-run", "cancel", run.id)
    ended = wait_for_state(run.id, "Cancelled")
    assert ended["state_type"] == "CANCELLED"
    names = state_names("flow_run", run.id)
    assert "Cancelling" in names, names
    if tells_hooks:
        wait_until(Path(f"cancelled-{run.id}").exists, "the hook on cancellation is called", 10)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        endless.serve(name=sys.argv[1])
        sys.exit()
    name, pool = unique("endless"), unique("pool")
    with background(python_of_the_client(), Path(__file__).name, name, name="serve"):
        wait_until(lambda: "id" in find(name), "the flow is served")
        cancel_one(name)
    cli("work-pool", "create", pool, "--type", "process")
    name = unique("by-worker")
    cli("--no-prompt", "deploy", f"{Path(__file__).name}:endless", "--name", name, "--pool", pool)
    with background(program(PROGRAM), "worker", "start", "--pool", pool, name="worker"):
        if VERSION < (3, 4):
            note("workers of this client call no hooks on cancellation")
        cancel_one(name, tells_hooks=VERSION >= (3, 4))
    waiting = run_deployment(f"endless/{name}", timeout=0)
    cli("flow-run", "cancel", waiting.id)
    wait_for_state(waiting.id, "Cancelled")
