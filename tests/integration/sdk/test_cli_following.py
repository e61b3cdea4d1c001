"""Making, following and retrying runs: `deployment run`, `flow-run watch|logs --follow|retry`, `shell`."""

import asyncio
import json
import signal
import subprocess
import sys
from uuid import uuid4

import pytest

from tests.integration.sdk.conftest import SECONDS, Project, until
from tests.support.cli import Cli

FLOWS = """
from ostinato import flow, task


@task
def step(i):
    return i


@flow(log_prints=True)
def work(rows: int = 1, broken: bool = False):
    print("works on", step(rows), "rows")
    if broken:
        raise ValueError("asked to")


if __name__ == "__main__":
    work(broken=True)
"""


@pytest.fixture
def deployment(cli: Cli, project: Project) -> str:
    (project.folder / "work.py").write_text(FLOWS)
    pool = f"pool-{uuid4().hex[:8]}"
    cli.ok("work-pool", "create", pool, "--type", "process")
    name = f"d-{uuid4().hex[:8]}"
    cli.ok("deploy", "work.py:work", "-n", name, "-p", pool)
    return f"work/{name}"


def pool_of(cli: Cli, deployment: str) -> str:
    return cli.ok("deployment", "inspect", deployment, "-o", "json").json()["work_pool_name"]


@pytest.mark.parametrize(("broken", "code"), [("false", 0), ("true", 1)])
def test_a_run_is_made_and_watched_to_its_end(
    broken: str, code: int, cli: Cli, project: Project, deployment: str
) -> None:
    worker = project.start("worker", "start", "-p", pool_of(cli, deployment))
    try:
        outcome = cli("deployment", "run", deployment, "-p", "rows=7", "-p", f"broken={broken}", "--watch")
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=SECONDS)
    assert outcome.code == code
    lines = outcome.out.splitlines()
    assert any(line.startswith("├── UUID: ") for line in lines)
    assert any(line.startswith("● ") and line.endswith("prefect.flow-run.Running") for line in lines)
    assert any(line.startswith("▪ ") and line.endswith("works on 7 rows") for line in lines)
    assert lines[-1].endswith("ended: Failed" if code else "ended: Completed")
    (made,) = cli.ok("flow-run", "ls", "--limit", "1", "-o", "json").json()
    again = cli("flow-run", "watch", made["id"])
    assert (again.code, "has ended" in again.out) == (code, True)


def test_time_is_up_before_the_run_ends(cli: Cli, project: Project, deployment: str) -> None:
    made = cli.ok("deployment", "run", deployment, "-o", "json").json()
    outcome = cli("flow-run", "watch", made["id"], "--timeout", "0.5")
    assert outcome.code == 1
    assert "did not end within 0.5 seconds" in outcome.out


def test_a_run_is_described_in_words(cli: Cli, project: Project, deployment: str) -> None:
    made = cli.ok(
        "deployment", "run", deployment, "--params", '{"rows": 1, "broken": false}', "-p", "rows=2",
        "--start-in", "2 hours", "--flow-run-name", "rows-{rows}", "--tag", "a", "--tag", "b", "-o", "json",
    )  # fmt: skip
    assert "--param wins: rows" in made.err
    run = made.json()
    assert (run["name"], run["parameters"]["rows"], run["tags"]) == ("rows-2", 2, ["a", "b"])
    by_id = cli.ok("deployment", "inspect", deployment, "-o", "json").json()["id"]
    assert "Scheduled start time: 2031-01-02 03:04:00" in cli.ok(
        "deployment", "run", "--id", by_id, "--start-at", "2031-01-02 03:04"
    ).out  # fmt: skip
    wrong = {
        ("--start-in", "soon"): "no span of time",
        ("--start-at", "never"): "no time",
        ("--start-at", "noon", "--start-in", "1h"): "not both",
        ("--flow-run-name", "{columns}"): "names the parameter 'columns'",
        ("--flow-run-name", "{"): "is no template",
        ("--id", by_id): "Give either the deployment",
    }
    for arguments, told in wrong.items():
        outcome = cli("deployment", "run", deployment, *arguments)
        assert outcome.code == 1
        assert told in outcome.out, arguments


def test_a_wrong_name_is_told_with_the_right_one(cli: Cli, project: Project, deployment: str) -> None:
    assert f"Did you mean '{deployment}'" in cli("deployment", "inspect", deployment[:-1]).out
    assert f"'{deployment}'" in cli("deployment", "inspect", deployment.partition("/")[2]).out


def test_new_lines_are_followed_until_the_run_ends(cli: Cli, project: Project, deployment: str) -> None:
    made = cli.ok("deployment", "run", deployment, "-p", "rows=8", "-o", "json").json()
    follower = project.start("flow-run", "logs", made["id"], "--follow")
    try:
        cli.ok("flow-run", "execute", made["id"])
        out, _ = follower.communicate(timeout=SECONDS)
    finally:
        follower.kill()
        follower.communicate()
    assert follower.returncode == 0
    assert "works on 8 rows" in out
    tail = cli.ok("flow-run", "logs", made["id"], "--follow", "-n", "1").out.splitlines()
    assert len(tail) == 1
    assert cli("flow-run", "logs", made["id"], "--follow", "--reverse").code == 1


def test_a_run_of_a_deployment_is_scheduled_again(cli: Cli, project: Project, deployment: str) -> None:
    made = cli.ok("deployment", "run", deployment, "-p", "broken=true", "-o", "json").json()
    assert "has not ended" in cli("flow-run", "retry", made["id"]).out
    cli("flow-run", "execute", made["id"])
    assert "has been scheduled for retry" in cli.ok("flow-run", "retry", made["name"]).out
    run = cli.ok("flow-run", "inspect", made["id"], "-o", "json").json()
    assert (run["state_type"], run["state"]["message"]) == ("SCHEDULED", "Retried via CLI")


def test_a_run_without_a_deployment_runs_here_again(cli: Cli, project: Project, deployment: str) -> None:
    subprocess.run([sys.executable, "work.py"], cwd=project.folder, capture_output=True, timeout=SECONDS, check=False)
    wanted = {"flow_runs": {"deployment_id": {"is_null_": True}, "name": {"like_": ""}}, "sort": "START_TIME_DESC"}
    run = cli.ok("api", "POST", "/flow_runs/filter", "--data", json.dumps(wanted)).json()[0]
    assert "--entrypoint path.py:flow" in cli("flow-run", "retry", run["id"]).out
    assert (
        "is of the flow 'work', but flows.py:add is 'add'"
        in cli("flow-run", "retry", run["id"], "-e", "flows.py:add").out
    )
    (project.folder / "work.py").write_text(FLOWS.replace("if broken:", "if False:"))
    again = project.start("flow-run", "retry", run["id"], "--entrypoint", "work.py:work")
    out, _ = again.communicate(timeout=SECONDS)
    assert again.returncode == 0, out
    assert "ended: Completed" in out


def test_many_runs_are_deleted_at_once(cli: Cli, project: Project, deployment: str) -> None:
    ids = [cli.ok("deployment", "run", deployment, "-o", "json").json()["id"] for _ in range(6)]
    assert cli.ok("flow-run", "delete", *ids).out == "Successfully deleted 6 flow runs.\n"
    assert cli("flow-run", "inspect", ids[0]).code == 1


def test_all_schedules_are_paused_and_resumed(cli: Cli, project: Project, deployment: str) -> None:
    cli.ok("deployment", "schedule", "create", deployment, "--cron", "0 0 13 * 5", "--no-day-or")
    cli.ok("deployment", "schedule", "create", deployment, "--interval", "3600")
    found = cli.ok("deployment", "inspect", deployment, "-o", "json").json()["schedules"]
    assert {item["schedule"].get("day_or") for item in found} == {False, None}
    assert "Paused 2 schedule(s)." in cli.ok("deployment", "schedule", "pause", deployment, "--all").out
    assert "Resumed interval: 3600.0s" in cli.ok("deployment", "schedule", "resume", "--all").out
    outcome = cli(
        "deployment",
        "schedule",
        "create",
        deployment,
        "--rrule",
        "DTSTART;TZID=Europe/Berlin:20300101T090000\nRRULE:FREQ=DAILY",
    )
    assert "--timezone" in outcome.out


def test_a_command_of_the_shell_is_a_run(cli: Cli, project: Project) -> None:
    name = f"sh-{uuid4().hex[:8]}"
    good = project.start("shell", "watch", "echo to-out; echo to-err >&2", "--flow-name", name, "--tag", "mine")
    out, _ = good.communicate(timeout=SECONDS)
    assert good.returncode == 0, out
    bad = project.start("shell", "watch", "echo not-logged; exit 3", "--flow-name", name, "--no-log-output")
    out, _ = bad.communicate(timeout=SECONDS)
    assert bad.returncode == 1
    assert "not-logged" in out.splitlines()
    assert "Command failed with exit code 3" in out
    found = cli.ok("flow-run", "ls", "--flow-name", name, "-o", "json").json()
    assert {run["state_type"] for run in found} == {"COMPLETED", "FAILED"}
    (completed,) = [run for run in found if run["state_type"] == "COMPLETED"]
    assert set(completed["tags"]) == {"mine", "shell"}

    def logged() -> bool:
        lines = cli.ok("flow-run", "logs", completed["id"], "-o", "json").json()
        return {("to-out", 20), ("to-err", 40)} <= {(line["message"], line["level"]) for line in lines}

    asyncio.run(until(logged, "the command's lines are logged"))


def test_a_command_is_served_as_a_deployment(cli: Cli, project: Project) -> None:
    name = f"sh-{uuid4().hex[:8]}"
    options = ("shell", "serve", "echo served", "--flow-name", name, "--run-once")
    first = project.start(*options, "--cron-schedule", "0 2 * * *", "--timezone", "Europe/Berlin")
    assert first.wait(SECONDS) == 0, first.communicate()
    first.communicate()
    made = cli.ok("deployment", "run", f"{name}/CLI Runner Deployment", "-o", "json").json()
    second = project.start(*options)
    out, _ = second.communicate(timeout=SECONDS)
    assert second.returncode == 0, out
    assert cli.ok("flow-run", "inspect", made["id"], "-o", "json").json()["state_type"] == "COMPLETED"
