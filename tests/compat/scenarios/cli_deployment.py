"""`prefect deployment`: ls, inspect, run, schedule create/ls/pause/resume/delete/clear, delete."""

from pathlib import Path

from _tools import api, cli, unique, wait_for_state
from prefect import flow


@flow
def listed(word: str = "a"):
    return word


if __name__ == "__main__":
    pool, name = unique("pool"), unique("shown")
    api("POST", "/work_pools/", {"name": pool, "type": "process"})
    cli("--no-prompt", "deploy", f"{Path(__file__).name}:listed", "-n", name, "-p", pool, "--cron", "0 3 * * *")
    full = f"listed/{name}"
    assert name in cli("deployment", "ls")
    shown = cli("deployment", "inspect", full)
    assert "0 3 * * *" in shown and pool in shown, shown
    output = cli("deployment", "run", full, "--param", "word=b", "--start-in", "2 hours", "--tag", "by-hand")
    (run,) = api("POST", "/flow_runs/filter", {
        "deployments": {"name": {"any_": [name]}}, "flow_runs": {"tags": {"all_": ["by-hand"]}},
    })  # fmt: skip
    assert run["parameters"] == {"word": "b"} and run["state_name"] == "Scheduled", (run, output)
    cli("deployment", "schedule", "create", full, "--interval", 3600)
    assert "interval" in cli("deployment", "schedule", "ls", full)
    path = f"/deployments/name/listed/{name}"
    (made,) = [each for each in api("GET", path)["schedules"] if "interval" in each["schedule"]]
    cli("deployment", "schedule", "pause", full, made["id"])
    assert [each["active"] for each in api("GET", path)["schedules"] if each["id"] == made["id"]] == [False]
    cli("deployment", "schedule", "resume", full, made["id"])
    assert [each["active"] for each in api("GET", path)["schedules"] if each["id"] == made["id"]] == [True]
    cli("--no-prompt", "deployment", "schedule", "delete", full, made["id"], "-y")
    assert len(api("GET", path)["schedules"]) == 1
    cli("deployment", "schedule", "clear", full, "-y")
    assert api("GET", path)["schedules"] == []
    cli("flow-run", "cancel", run["id"])
    wait_for_state(run["id"], "Cancelled", "Cancelling")
    cli("--no-prompt", "deployment", "delete", full)
    api("GET", path, status=(404,))
