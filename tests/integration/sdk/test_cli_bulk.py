"""`flow-run bulk` and `bulk-job` on a real server."""

import json
from uuid import uuid4

import pytest

from tests.integration.sdk.conftest import Project
from tests.support.cli import Cli


@pytest.fixture
def tag(cli: Cli, project: Project) -> str:
    """The tag of three runs that wait."""
    made = uuid4().hex
    flow = cli.ok("api", "POST", "/flows/", "--data", json.dumps({"name": made})).json()
    run = {"flow_id": flow["id"], "tags": [made], "state": {"type": "SCHEDULED"}}
    for _ in range(3):
        cli.ok("api", "POST", "/flow_runs/", "--data", json.dumps(run))
    return made


def _states(cli: Cli, tag: str) -> list[str]:
    wanted = json.dumps({"flow_runs": {"tags": {"all_": [tag]}}})
    return [run["state_name"] for run in cli.ok("api", "POST", "/flow_runs/filter", "--data", wanted).json()]


def test_what_matches_is_told_then_cancelled_then_deleted(cli: Cli, project: Project, tag: str) -> None:
    of_tag = ("--tag", tag, "--since", "1 day")
    assert "3 flow runs match: 3 SCHEDULED" in cli.ok("flow-run", "bulk", "cancel", *of_tag, "--dry-run").out
    assert cli("--no-prompt", "flow-run", "bulk", "cancel", *of_tag).code == 1
    assert _states(cli, tag) == ["Scheduled"] * 3

    assert "3 flow runs were cancelled." in cli.ok("flow-run", "bulk", "cancel", *of_tag, "-y").out
    assert _states(cli, tag) == ["Cancelled"] * 3
    again = cli.ok("flow-run", "bulk", "cancel", *of_tag, "-y").out
    assert "0 flow runs were cancelled." in again
    assert "3 flow runs left alone: The run has ended already." in again

    job = cli.ok("flow-run", "bulk", "delete", *of_tag, "-y", "--now", "-o", "json").json()
    assert (job["status"], job["done"]) == ("completed", 3)
    assert _states(cli, tag) == []
    assert '"matched": 0' in cli.ok("flow-run", "bulk", "delete", *of_tag, "-y", "-o", "json").out


def test_a_deletion_is_stopped_before_it_begins(cli: Cli, project: Project, tag: str) -> None:
    job = cli.ok("flow-run", "bulk", "delete", "--tag", tag, "-y", "--no-wait", "-o", "json").json()
    assert job["id"] in cli.ok("bulk-jobs", "ls", "-o", "json").out
    told = cli.ok("bulk-job", "stop", job["id"]).out
    assert "0 flow runs were deleted before the job was stopped, of 3 flow runs." in told
    assert "has ended already" in cli("bulk-job", "stop", job["id"]).out
    assert cli.ok("bulk-job", "inspect", job["id"], "-o", "json").json()["status"] == "stopped"
    assert "before the job was stopped" in cli.ok("bulk-job", "watch", job["id"]).out
    assert "not found" in cli("bulk-job", "inspect", str(uuid4())).out
    assert _states(cli, tag) == ["Scheduled"] * 3


def test_a_state_is_set(cli: Cli, project: Project, tag: str) -> None:
    to = ("--to", "FAILED", "--to-name", "Abandoned", "--message", "by hand", "--force")
    assert "3 flow runs were set to the state." in cli.ok("flow-run", "bulk", "set-state", "--tag", tag, *to, "-y").out
    assert _states(cli, tag) == ["Abandoned"] * 3
    assert "needs one" in cli("flow-run", "bulk", "set-state", "--tag", tag, "-y").out


def test_a_filter_is_needed(cli: Cli, project: Project) -> None:
    assert "at least one criterion" in cli("flow-run", "bulk", "cancel", "-y").out
    assert "--since: 'once' is no time" in cli("flow-run", "bulk", "cancel", "--since", "once", "-y").out
    cli.ok("flow-run", "bulk", "cancel", "--all", "--dry-run")
