"""`-o json`: every command that has it prints one JSON document and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import click
import pytest
import typer

from docs.generators.commands import subcommands
from ostinato import flow, task
from ostinato.artifacts import create_markdown_artifact
from ostinato.blocks.system import Secret
from ostinato.cli.main import app
from ostinato.events.worker import drain_all
from ostinato.runtime import flow_run, task_run
from tests.integration.sdk.conftest import Project
from tests.support.cli import Cli
from tests.support.server import Server

NAMES = {
    "artifact inspect": "json-artifact",
    "automation inspect": "json-automation",
    "automation send-test": "--to someone@example.com --preview",
    "block inspect": "secret/json-block",
    "block type inspect": "secret",
    "concurrency-limit inspect": "json-tag",
    "deployment inspect": "add/json",
    "deployment run": "add/json",
    "deployment schedule ls": "add/json",
    "flow-run explain": "json-flow-run",
    "flow-run inspect": "FLOW_RUN",
    "flow-run logs": "FLOW_RUN",
    "global-concurrency-limit inspect": "json-limit",
    "profile inspect": "json",
    "task-run inspect": "TASK_RUN",
    "task-run logs": "TASK_RUN",
    "variable inspect": "json_variable",
    "work-pool inspect": "json-pool",
    "work-pool preview": "json-pool",
    "work-pool slots": "json-pool",
    "work-pool storage inspect": "json-pool",
    "work-queue inspect": "default --pool json-pool",
    "work-queue preview": "default --pool json-pool",
    "work-queue slots": "default --pool json-pool",
}
"""What the commands that show one object are given."""
ELSEWHERE = {"server retention preview", "webhook test"}
"""What needs more than a running server, and is tested where that is."""


def leaves(group: click.Command, *path: str) -> Iterator[str]:
    """Yield each command that has `-o` and can be called here, as it is called."""
    for name, command in subcommands(group):
        if isinstance(command, click.Group):
            yield from leaves(command, *path, name)
        elif any("-o" in parameter.opts for parameter in command.params):
            words = " ".join((*path, name))
            if words in NAMES or not any(parameter.required for parameter in command.params):
                yield words


COMMANDS = sorted(set(leaves(typer.main.get_command(app))) - ELSEWHERE)
AUTOMATION: dict[str, Any] = {  # JSON
    "name": "json-automation",
    "trigger": {"type": "event", "posture": "Reactive"},
    "actions": [],
}


@task
def one() -> str:
    """Return the id of its own run."""
    return str(task_run.id)


@flow(name="json-flow", flow_run_name="json-flow-run", log_prints=True)
def seeded() -> dict[str, str]:
    """Make an artifact and a line of log; return the ids of this run and of one of its task."""
    create_markdown_artifact("# Hello", key="json-artifact")
    print("hello")
    return {"FLOW_RUN": str(flow_run.id), "TASK_RUN": one()}


@pytest.fixture(scope="module")
def known(server: Server) -> dict[str, str]:
    """The ids that are known once the first test of a server has made what there is."""
    return {}


@pytest.fixture
def ids(project: Project, cli: Cli, known: dict[str, str], capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """One object of each kind, of the names above; the ids of a flow run and of a task run of it."""
    cli.ok("profile", "create", "json")
    if known:
        return known
    Secret(value="s").save("json-block", _sync=True)
    for words in (
        "variable set json_variable 1",
        "work-pool create json-pool --type process",
        "global-concurrency-limit create json-limit --limit 1",
        "concurrency-limit create json-tag 1",
        "deploy flows.py:add -n json -p json-pool --param a=1 --interval 3600",
    ):
        cli.ok(*words.split())
    cli.ok("automation", "create", "--from-json", json.dumps(AUTOMATION))
    known |= seeded()
    drain_all(10)
    capsys.readouterr()
    return known


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_prints_json(cli: Cli, ids: dict[str, str], command: str) -> None:
    given = NAMES.get(command, "").split()
    found = cli.ok(*command.split(), *(ids.get(word, word) for word in given), "-o", "json").json()
    assert isinstance(found, dict | list)
