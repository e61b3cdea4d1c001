"""Flows, tasks, map, sub-flows, retries, time-outs, logs and names, sync and async."""

import asyncio
import time
from collections import Counter

from _tools import api, logged, state_names, task_runs_of
from prefect import allow_failure, flow, get_run_logger, runtime, tags, task, unmapped

ids = {}


@task
def add(number, by):
    return number + by


@task(retries=2, retry_delay_seconds=0)
def flaky():
    if runtime.task_run.run_count < 3:
        raise ConnectionError("not yet")
    return "at last"


@task(timeout_seconds=0.5)
def slow_task():
    time.sleep(5)


@task
def broken():
    raise ValueError("no such column")


@task
def clean_up(_):
    return "cleaned"


@task(task_run_name="hello-{name}")
async def greet(name):
    get_run_logger().info("greeting %s", name)
    return f"hello {name}"


@flow(log_prints=True)
def child(numbers):
    ids["child"] = runtime.flow_run.id
    print(f"the sum is {sum(numbers)}")
    return sum(numbers)


@flow(flow_run_name="parent-of-{count}")
def parent(count):
    ids["parent"] = runtime.flow_run.id
    futures = add.map(list(range(count)), by=unmapped(10))
    assert flaky() == "at last"
    failed = broken.submit()
    assert clean_up(allow_failure(failed)) == "cleaned"
    return child([future.result() for future in futures])


@flow(retries=1, retry_delay_seconds=0)
def second_time_lucky():
    ids["retried"] = runtime.flow_run.id
    if runtime.flow_run.run_count == 1:
        raise RuntimeError("the first time fails")
    return "ok"


@flow(timeout_seconds=1)
def too_slow():
    ids["too_slow"] = runtime.flow_run.id
    time.sleep(10)


@flow
def with_slow_task():
    ids["with_slow_task"] = runtime.flow_run.id
    slow_task()


@flow
async def asynchronous():
    ids["asynchronous"] = runtime.flow_run.id
    return await asyncio.gather(greet("a"), greet("b"))


def run():
    with tags("nightly"):
        assert parent(3) == 33
    assert second_time_lucky() == "ok"
    assert too_slow(return_state=True).name == "TimedOut"
    assert with_slow_task(return_state=True).is_failed()
    assert asyncio.run(asynchronous()) == ["hello a", "hello b"]


def check():
    run = api("GET", f"/flow_runs/{ids['parent']}")
    assert (run["name"], run["state_type"], run["tags"]) == ("parent-of-3", "COMPLETED", ["nightly"]), run
    runs = task_runs_of(ids["parent"], 7)
    keys = Counter(run["task_key"].split("-")[0] for run in runs)
    assert keys == Counter(add=3, flaky=1, broken=1, clean_up=1, child=1), keys
    (retried,) = [run for run in runs if run["task_key"].startswith("flaky")]
    assert retried["run_count"] == 3
    names = state_names("task_run", retried["id"])
    assert names[-1] == "Completed" and names.count("Retrying") == 2, names
    sub = api("GET", f"/flow_runs/{ids['child']}")
    assert sub["parent_task_run_id"] in {run["id"] for run in runs}
    logged(ids["child"], "the sum is 33")
    names = state_names("flow_run", ids["retried"])
    assert names == ["Pending", "Running", "AwaitingRetry", "Running", "Completed"], names
    assert state_names("flow_run", ids["too_slow"])[-1] == "TimedOut"
    (timed_out,) = task_runs_of(ids["with_slow_task"], 1)
    assert timed_out["state_name"] == "TimedOut", timed_out["state_name"]
    assert {run["name"] for run in task_runs_of(ids["asynchronous"], 2)} == {"hello-a", "hello-b"}
    assert api("POST", "/flow_runs/count", {"flow_runs": {"id": {"any_": list(ids.values())}}}) == len(ids)
    graph = api("GET", f"/flow_runs/{ids['parent']}/graph-v2")
    assert len(graph["nodes"]) == 7, graph


if __name__ == "__main__":
    run()
    check()
