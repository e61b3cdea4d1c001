"""`prefect flow-run`: ls, inspect, logs, cancel, watch, delete; `prefect flow ls`."""

from _tools import api, cli, logged, state_names, unique, wait_for_state
from prefect import flow, runtime

ids = {}


@flow(log_prints=True)
def talks(name):
    ids["run"] = runtime.flow_run.id
    print(f"said {name}")


if __name__ == "__main__":
    name = unique("word")
    talks.with_options(flow_run_name=name)(name)
    run = ids["run"]
    logged(run, f"said {name}")
    assert name in cli("flow-run", "ls", "--flow-name", "talks", "--limit", 5)
    assert name in cli("flow-run", "ls", "--state-type", "COMPLETED", "--limit", 20)
    assert "talks" in cli("flow", "ls")
    shown = cli("flow-run", "inspect", run)
    assert name in shown and "COMPLETED" in shown, shown
    assert f"said {name}" in cli("flow-run", "logs", run)
    flow_id = api("GET", f"/flow_runs/{run}")["flow_id"]
    later = api("POST", "/flow_runs/", {"flow_id": flow_id, "name": unique("later"), "state": {"type": "SCHEDULED"}})
    cli("flow-run", "cancel", later["id"])
    wait_for_state(later["id"], "Cancelled", "Cancelling")
    assert state_names("flow_run", later["id"])[0] == "Scheduled"
    cli("--no-prompt", "flow-run", "delete", run)
    api("GET", f"/flow_runs/{run}", status=(404,))
    assert run in cli("flow-run", "inspect", run, status=1)
