"""The commands of deployments, pools, queues and runs, on a real server."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.integration.sdk.conftest import Project
from tests.support.cli import Cli


@pytest.fixture
def pool(cli: Cli) -> str:
    name = f"pool-{uuid4().hex[:8]}"
    cli.ok("work-pool", "create", name, "--type", "process")
    return name


@pytest.fixture
def deployment(cli: Cli, pool: str) -> str:
    name = f"d-{uuid4().hex[:8]}"
    told = cli.ok(
        "deploy", "flows.py:add", "-n", name, "-p", pool, "--cron", "0 2 * * *", "--timezone", "Europe/Berlin",
        "--param", "a=3", "--tag", "x", "-jv", 'env={"A": "b"}',
    )  # fmt: skip
    assert f"Deployment 'add/{name}' successfully created with id" in told.out
    assert "No worker is online" in told.out
    return f"add/{name}"


def test_a_flow_is_deployed_run_and_worked_on(cli: Cli, project: Project, pool: str, deployment: str) -> None:
    found = cli.ok("deployment", "inspect", deployment, "-o", "json").json()
    assert (found["parameters"], found["tags"], found["work_pool_name"]) == ({"a": 3}, ["x"], pool)
    assert found["job_variables"] == {"env": {"A": "b"}}
    made = cli.ok("deployment", "run", deployment, "-p", "b=5", "-o", "json").json()
    assert made["parameters"] == {"a": 3, "b": 5}
    due = cli.ok("work-pool", "preview", pool, "-o", "json").json()
    assert [run["id"] for run in due] == [made["id"]]
    cli.ok("worker", "start", "-p", pool, "--run-once")
    done = cli.ok("flow-run", "inspect", made["id"], "-o", "json").json()
    assert done["state_type"] == "COMPLETED"


def test_wrong_arguments_are_told_with_what_to_do(cli: Cli, project: Project, pool: str, deployment: str) -> None:
    wanted = {
        ("deploy", "flows.py:add", "-p", pool): "A deployment name must be provided",
        ("deploy", "flows.py:add", "-n", "x", "-p", "nowhere"): "ostinato work-pool create",
        ("deploy", "flows.py:none", "-n", "x", "-p", pool): "There is no flow 'none'",
        ("deploy", "none.py:add", "-n", "x", "-p", pool): "there is no file",
        ("deployment", "run", deployment, "-p", "c=1"): "Unknown parameters c. The flow takes: a, b.",
        ("deployment", "run", deployment, "-p", "c"): "--param takes `key=value`",
        ("deployment", "run", deployment, "-p", "a=x"): "Validation failed",
        ("deployment", "inspect", "add/nothing"): "Deployment 'add/nothing' not found",
        ("work-pool", "create", "x", "-t", "no-such-type"): "Unknown work pool type",
        ("work-pool", "create", pool): "already exists",
        ("worker", "start", "-p", pool, "-t", "no-such-type"): "Choose from: docker, kubernetes, process.",
        ("worker", "start", "-p", "nowhere", "--no-create-pool-if-not-found"): "does not exist",
    }
    for arguments, text in wanted.items():
        outcome = cli(*arguments)
        assert outcome.code == 1, arguments
        assert text in outcome.out + outcome.err, outcome


def test_schedules_are_listed_paused_and_deleted(cli: Cli, deployment: str) -> None:
    (first,) = cli.ok("deployment", "schedule", "ls", deployment, "-o", "json").json()
    assert first["schedule"] == "cron: 0 2 * * *"
    cli.ok("deployment", "schedule", "create", deployment, "--interval", "3600")
    cli.ok("deployment", "schedule", "pause", deployment, first["id"])
    shown = {
        item["schedule"]: item["active"]
        for item in cli.ok("deployment", "schedule", "ls", deployment, "-o", "json").json()
    }
    assert shown == {"cron: 0 2 * * *": False, "interval: 3600.0s": True}
    assert cli("deployment", "schedule", "pause", deployment, first["id"]).code == 1
    cli.ok("deployment", "schedule", "delete", deployment, first["id"], "-y")
    cli.ok("deployment", "schedule", "clear", deployment, "-y")
    assert cli.ok("deployment", "schedule", "ls", deployment, "-o", "json").json() == []


def test_a_deployment_is_paused_listed_and_deleted(cli: Cli, deployment: str) -> None:
    cli.ok("deployment", "pause", deployment)
    assert cli.ok("deployment", "inspect", deployment, "-o", "json").json()["paused"]
    cli.ok("deployment", "resume", deployment)
    assert deployment in cli.ok("deployment", "ls").out
    cli.ok("deployment", "delete", deployment)
    assert deployment not in cli.ok("deployment", "ls").out


def test_a_pool_is_changed_and_deleted(cli: Cli, pool: str) -> None:
    cli.ok("work-pool", "pause", pool)
    assert f"{pool} (**)" in cli.ok("work-pool", "ls").out
    cli.ok("work-pool", "resume", pool)
    cli.ok("work-pool", "set-concurrency-limit", pool, "3")
    found = cli.ok("work-pool", "inspect", pool, "-o", "json").json()
    assert (found["concurrency_limit"], found["is_paused"], found["type"]) == (3, False, "process")
    cli.ok("work-pool", "delete", pool)
    assert cli("work-pool", "inspect", pool).code == 1


def test_a_queue_is_made_paused_and_deleted(cli: Cli, pool: str) -> None:
    cli.ok("work-queue", "create", "fast", "-p", pool, "-q", "1", "-l", "2")
    cli.ok("work-queue", "pause", "fast", "-p", pool)
    queues = {queue["name"]: queue for queue in cli.ok("work-queue", "ls", "-p", pool, "-o", "json").json()}
    assert (queues["fast"]["is_paused"], queues["fast"]["concurrency_limit"]) == (True, 2)
    cli.ok("work-queue", "resume", queues["fast"]["id"])
    cli.ok("work-queue", "delete", "fast", "-p", pool)
    assert "fast" not in cli.ok("work-queue", "ls", "-p", pool).out


def test_a_run_is_cancelled_with_what_hangs_below_it(cli: Cli, deployment: str) -> None:
    made = cli.ok("deployment", "run", deployment, "--start-in", "3600", "-o", "json").json()
    assert "scheduled for cancellation" in cli.ok("flow-run", "cancel", "--cascade", made["id"]).out
    assert cli.ok("flow-run", "inspect", made["id"], "-o", "json").json()["state_type"] in ("CANCELLED", "CANCELLING")


def test_one_run_is_executed_by_its_id(cli: Cli, deployment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = cli.ok("deployment", "run", deployment, "-o", "json").json()
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", made["id"])
    cli.ok("flow-run", "execute")
    assert cli.ok("flow-run", "inspect", made["id"], "-o", "json").json()["state_type"] == "COMPLETED"


def test_a_pool_takes_a_template_of_a_file(cli: Cli, project: Project, tmp_path: Path) -> None:
    template = tmp_path / "template.json"
    template.write_text(
        '{"job_configuration": {"command": "{{ command }}"},'
        ' "variables": {"properties": {"command": {"type": "string"}}}}'
    )
    name = f"pool-{uuid4().hex[:8]}"
    cli.ok("work-pool", "create", name, "-t", "process", "--base-job-template", str(template))
    found = cli.ok("work-pool", "inspect", name, "-o", "json").json()
    assert found["base_job_template"]["job_configuration"] == {"command": "{{ command }}"}
