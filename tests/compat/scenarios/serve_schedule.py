"""`flow.serve` with a schedule: scheduled runs and runs asked for are executed by the serving process."""

import sys
from datetime import timedelta
from pathlib import Path

from _tools import api, background, logged, python_of_the_client, scheduled_runs, unique, wait_for_state, wait_until
from prefect import flow
from prefect.deployments import run_deployment


@flow(log_prints=True)
def tick(word: str = "tick"):
    print(f"the clock says {word}")


def serve(name):
    tick.serve(name=name, interval=timedelta(seconds=10), parameters={"word": "tock"}, tags=["served"])


def find(name):
    return api("GET", f"/deployments/name/tick/{name}", status=(200, 404))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(sys.argv[1])
        sys.exit()
    name = unique("clock")
    with background(python_of_the_client(), Path(__file__).name, name, name="serve"):
        deployment = wait_until(lambda: found if "id" in (found := find(name)) else None, "the flow is served")
        assert deployment["tags"] == ["served"], deployment["tags"]
        assert len(deployment["schedules"]) == 1, deployment["schedules"]
        runs = scheduled_runs(deployment["id"])
        first = min(runs, key=lambda run: run["expected_start_time"])
        done = wait_for_state(first["id"], "Completed")
        assert done["parameters"] == {"word": "tock"} and done["auto_scheduled"], done
        logged(done["id"], "the clock says tock")
        asked = run_deployment(f"tick/{name}", parameters={"word": "now"}, timeout=30, poll_interval=0.5)
        assert asked.state.is_completed(), asked.state
        logged(asked.id, "the clock says now")
    paused = wait_until(lambda: find(name)["paused"], "the schedule is paused after serving")
    assert paused
    api("DELETE", f"/deployments/{deployment['id']}")
