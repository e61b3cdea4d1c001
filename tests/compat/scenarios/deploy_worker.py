"""`prefect deploy`, a process work pool, `prefect worker start`: scheduled, asked-for and cancelled runs."""

import time
from pathlib import Path

from _tools import PROGRAM, api, background, cli, logged, program, scheduled_runs, unique, wait_for_state, wait_until
from prefect import flow
from prefect.deployments import run_deployment


@flow(log_prints=True)
def greet(name: str = "world", seconds: float = 0):
    print(f"hello {name}")
    time.sleep(seconds)
    return name


def start(pool):
    return background(program(PROGRAM), "worker", "start", "--pool", pool, "--name", "w1", name="worker")


if __name__ == "__main__":
    pool, name = unique("pool"), unique("greeter")
    cli("work-pool", "create", pool, "--type", "process")
    cli(
        "--no-prompt", "deploy", f"{Path(__file__).name}:greet", "--name", name, "--pool", pool,
        "--param", "name=everyone", "--tag", "deployed", "--interval", "10", "--description", "Greets",
    )  # fmt: skip
    deployment = api("GET", f"/deployments/name/greet/{name}")
    assert deployment["work_pool_name"] == pool and deployment["tags"] == ["deployed"], deployment
    assert deployment["parameter_openapi_schema"]["properties"]["name"]["default"] == "world"
    with start(pool):
        workers = f"/work_pools/{pool}/workers/filter"
        wait_until(lambda: [w for w in api("POST", workers, {}) if w["status"] == "ONLINE"], "the worker is online")
        scheduled = min(scheduled_runs(deployment["id"]), key=lambda run: run["expected_start_time"])
        done = wait_for_state(scheduled["id"], "Completed")
        assert done["work_pool_name"] == pool and done["auto_scheduled"], done
        logged(done["id"], "hello everyone")
        api("PATCH", f"/deployments/{deployment['id']}", {"paused": True})
        asked = run_deployment(f"greet/{name}", parameters={"name": "you"}, timeout=30, poll_interval=0.5)
        assert asked.state.is_completed(), asked.state
        assert asked.infrastructure_pid, asked
        logged(asked.id, "hello you")
    assert api("GET", f"/work_pools/{pool}")["status"] in ("READY", "NOT_READY")
    cli("deployment", "delete", f"greet/{name}")
    cli("--no-prompt", "work-pool", "delete", pool)
