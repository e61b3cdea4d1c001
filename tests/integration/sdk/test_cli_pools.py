"""Work pools and queues on the command line: templates, slots, storage, previews."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from ostinato.client import get_client
from ostinato_wire.states import StateCreate, StateType
from tests.integration.sdk.conftest import Project
from tests.support.cli import Cli


@pytest.fixture
def pool(cli: Cli) -> str:
    name = f"pool-{uuid4().hex[:8]}"
    cli.ok("work-pool", "create", name, "--type", "process", "--concurrency-limit", "4")
    return name


@pytest.fixture
def deployment(cli: Cli, project: Project, pool: str) -> str:
    name = f"d-{uuid4().hex[:8]}"
    cli.ok("deploy", "flows.py:add", "-n", name, "-p", pool, "--param", "a=1")
    return f"add/{name}"


def test_a_pool_needs_a_type_and_may_become_the_default(cli: Cli, project: Project) -> None:
    name = f"pool-{uuid4().hex[:8]}"
    assert "Give the type of the work pool by --type. Choose from:" in cli("work-pool", "create", name).out
    told = cli.ok("work-pool", "create", name, "-t", "process", "--set-as-default").out
    assert f"ostinato worker start --pool '{name}'" in told
    assert "  Type: process\n" in told
    (setting,) = [
        item["value"]
        for item in cli.ok("config", "view", "-o", "json").json()["settings"]
        if item["name"] == "OSTINATO_DEPLOYMENTS_DEFAULT_WORK_POOL_NAME"
    ]
    assert setting == name


def test_a_pool_is_changed_by_what_is_given(cli: Cli, project: Project, pool: str) -> None:
    cli.ok("work-pool", "update", pool, "--description", "for the night")
    found = cli.ok("work-pool", "inspect", pool, "-o", "json").json()
    assert (found["description"], found["concurrency_limit"]) == ("for the night", 4)
    assert "Nothing to change" in cli("work-pool", "update", pool).out
    template = cli.ok("work-pool", "get-default-base-job-template", "--type", "kubernetes").json()
    Path("template.json").write_text(json.dumps(template))
    cli.ok("work-pool", "update", pool, "--base-job-template", "template.json")
    assert cli.ok("work-pool", "inspect", pool, "-o", "json").json()["base_job_template"] == template
    cli.ok("work-pool", "get-default-base-job-template", "-t", "process", "-f", "own.json")
    assert json.loads(Path("own.json").read_text())["variables"]
    cli.ok("work-pool", "create", pool, "--overwrite", "--paused", "-t", "docker")
    found = cli.ok("work-pool", "inspect", pool, "-o", "json").json()
    assert (found["type"], found["is_paused"]) == ("process", True)
    assert "push pools" in cli("work-pool", "provision-infrastructure", pool).out
    assert f"Did you mean '{pool}'" in cli("work-pool", "update", pool[:-1], "--description", "x").out


def test_slots_are_shown_with_the_runs_that_hold_them(cli: Cli, project: Project, pool: str, deployment: str) -> None:
    assert "0 / 4" in cli.ok("work-pool", "slots", pool).out
    runs = [cli.ok("deployment", "run", deployment, "-o", "json").json()["id"] for _ in range(2)]
    with get_client(sync_client=True) as client:
        for each in runs:
            client.set_flow_run_state(each, StateCreate(type=StateType.PENDING))
    found = cli.ok("work-pool", "slots", pool, "-o", "json").json()
    assert (found["active_slots"], found["concurrency_limit"]) == (2, 4)
    assert {run["id"] for queue in found["queues"] for run in queue["flow_runs"]} == set(runs)
    shown = cli.ok("work-pool", "slots", pool).out
    assert "2 / 4" in shown
    assert all(each in shown for each in runs)
    queue = cli.ok("work-queue", "slots", "default", "-p", pool, "-o", "json").json()
    assert {run["id"] for run in queue["flow_runs"]} == set(runs)
    assert "2 active (Unlimited)" in cli.ok("work-queue", "slots", "default", "-p", pool).out


def test_due_runs_are_listed_by_pool_and_by_queue(cli: Cli, project: Project, pool: str, deployment: str) -> None:
    soon = cli.ok("deployment", "run", deployment, "--start-in", "10 minutes", "-o", "json").json()["id"]
    later = cli.ok("deployment", "run", deployment, "--start-in", "3 hours", "-o", "json").json()["id"]
    for place in (("work-pool", "preview", pool), ("work-queue", "preview", "default", "-p", pool)):
        assert [run["id"] for run in cli.ok(*place, "-o", "json").json()] == [soon]
        assert [run["id"] for run in cli.ok(*place, "-h", "4", "-o", "json").json()] == [soon, later]
        assert soon in cli.ok(*place).out
        assert "are due within 0 hour(s)" in cli.ok(*place, "-h", "0").err
    assert soon in {run["id"] for run in cli.ok("work-pool", "preview", "-o", "json").json()}
    assert "Read " in cli.ok("work-queue", "read-runs", "default", "-p", pool).out


def test_queues_are_found_by_prefix_and_told_of(cli: Cli, project: Project, pool: str) -> None:
    for name in ("fast-1", "fast-2", "slow"):
        cli.ok("work-queue", "create", name, "-p", pool)
    found = cli.ok("work-queue", "ls", "-p", pool, "-m", "fast", "-o", "json").json()
    assert {queue["name"] for queue in found} == {"fast-1", "fast-2"}
    assert "Last Polled" in cli.ok("work-queue", "ls", "-p", pool, "-v").out
    status = cli.ok("work-queue", "inspect", "slow", "-p", pool, "-o", "json").json()["status_details"]
    assert status["health_check_policy"]["maximum_late_runs"] == 0
    outcome = cli("--no-prompt", "work-queue", "pause", "slow")
    assert (outcome.code, outcome.out.startswith("Operation cancelled")) == (1, True)
    assert "Did you mean" in cli("work-queue", "inspect", "slwo", "-p", pool).out


@pytest.mark.parametrize(
    ("cloud", "option", "credentials", "block"),
    [
        ("s3", "bucket", "aws-credentials", "s3-bucket"),
        ("gcs", "bucket", "gcp-credentials", "gcs-bucket"),
        ("azure-blob-storage", "container", "azure-blob-storage-credentials", "azure-blob-storage-container"),
    ],
)
def test_storage_is_configured_as_the_reference_does(
    cloud: str, option: str, credentials: str, block: str, cli: Cli, project: Project, pool: str
) -> None:
    assert cli.ok("work-pool", "storage", "inspect", pool, "-o", "json").json() == {}
    configure = ("work-pool", "storage", "configure", cloud, pool)
    assert f"Give --{option}" in cli("--no-prompt", *configure).out
    name = f"c-{uuid4().hex[:8]}"
    member = f"--{credentials}-block-name"
    assert f"Block '{credentials}/{name}' not found" in cli(*configure, f"--{option}", "b", member, name).out
    _store(cli, credentials, name)
    cli.ok(*configure, f"--{option}", "b", member, name, "--launcher", "uv", "--launcher-arg", "run",
           "--execution-launcher", "python")  # fmt: skip
    given = {option: "b", f"{credentials.replace('-', '_')}_block_name": name}
    found = cli.ok("work-pool", "storage", "inspect", pool, "-o", "json").json()
    assert found["upload"] == given | {"launcher": ["uv", "run"]}
    assert found["execution"] == given | {"launcher": ["python"]}
    results = cli.ok("block", "inspect", f"{block}/default-{pool}-result-storage", "-o", "json").json()
    stored = cli.ok("work-pool", "inspect", pool, "-o", "json").json()["storage_configuration"]
    assert stored["default_result_storage_block_id"] == results["id"]
    assert "b" in results["data"].values()
    cli.ok(*configure, f"--{option}", "c")
    found = cli.ok("work-pool", "storage", "inspect", pool, "-o", "json").json()
    assert found["upload"][option] == "c"
    assert found["upload"]["requires"].startswith("prefect-")
    assert "upload.requires" in cli.ok("work-pool", "storage", "inspect", pool).out


def _store(cli: Cli, slug: str, name: str) -> None:
    """Make a block without any data of a type that the server knows."""
    kind = cli.ok("block", "type", "inspect", slug, "-o", "json").json()
    body: dict[str, object] = {
        "name": name, "data": {}, "block_type_id": kind["block_type"]["id"], "block_schema_id": kind["schema"]["id"],
    }  # fmt: skip
    cli.ok("api", "POST", "/block_documents/", "--data", json.dumps(body))
