"""`.delay()` hands tasks to a task worker: run, retried, and waiting ones are done by a worker that starts later."""

import sys
from pathlib import Path

from _tools import api, background, python_of_the_client, state_names, unique, wait_until
from prefect import task
from prefect.task_worker import serve


@task(persist_result=True)
def add(a, b):
    return a + b


@task(retries=2, retry_delay_seconds=0, persist_result=True)
def flaky(path):
    tries = Path(path).read_text() if Path(path).exists() else ""
    Path(path).write_text(tries + "x")
    if len(tries) < 1:
        raise ConnectionError("not yet")
    return "at last"


def ended(future, *names):
    """Return the task run of a future once it is in one of the states."""

    def reached():
        run = api("GET", f"/task_runs/{future.task_run_id}", status=(200, 404))
        return run if run.get("state_name") in names else None

    return wait_until(reached, f"background task becomes {'/'.join(names)}", 30)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(add, flaky)
        sys.exit()
    early = add.delay(20, b=22)
    assert ended(early, "Scheduled")["state_type"] == "SCHEDULED"
    with background(python_of_the_client(), Path(__file__).name, "serve", name="task-worker"):
        run = ended(early, "Completed", "Failed", "Crashed")
        assert run["state_name"] == "Completed", run["state"]
        names = state_names("task_run", run["id"])
        assert names[0] == "Scheduled" and names[-1] == "Completed" and "Running" in names, names
        assert early.result(timeout=10) == 42
        later = [add.delay(number, 1) for number in range(3)]
        assert [future.result(timeout=20) for future in later] == [1, 2, 3]
        retried = flaky.delay(str(Path(unique("tries")).resolve()))
        run = ended(retried, "Completed", "Failed")
        assert run["state_name"] == "Completed" and run["run_count"] == 2, (run["state"], run["run_count"])
        workers = api("POST", "/task_workers/filter", {})
        assert any("add" in str(worker["task_keys"]) for worker in workers), workers
