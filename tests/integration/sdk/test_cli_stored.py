"""`ostinato variable|artifact|block|global-concurrency-limit|concurrency-limit` on a real server."""

from __future__ import annotations

import pytest
from uuid_utils.compat import uuid4

from ostinato.artifacts import create_link_artifact, create_markdown_artifact
from ostinato.blocks.system import Secret
from ostinato.client import get_client
from ostinato.variables import Variable
from tests.integration.sdk.conftest import Project
from tests.support.cli import Cli

BLOCKS = '''
"""Blocks of a project."""

from pydantic import SecretStr

from ostinato.blocks.core import Block


class CliAccount(Block):
    """An account. It is nobody's."""

    user: str
    password: SecretStr
'''


def unique(word: str) -> str:
    return f"{word}-{uuid4()}"


def test_variables_are_set_shown_and_unset(project: Project, cli: Cli) -> None:
    name = unique("v")
    assert "Set variable" in cli.ok("variable", "set", name, '{"rows": [1, 2]}', "--tag", "etl").out
    assert cli.ok("variable", "get", name).out.strip() == '{"rows":[1,2]}'
    assert cli.ok("variable", "inspect", name, "-o", "json").json()["tags"] == ["etl"]
    refused = cli("variable", "set", name, "text")
    assert (refused.code, "--overwrite" in refused.out) == (1, True)
    cli.ok("variable", "set", name, "plain text", "--overwrite")
    assert Variable.get(name, _sync=True) == "plain text"
    assert name in [each["name"] for each in cli.ok("variables", "ls", "--limit", "200", "-o", "json").json()]
    assert name in cli.ok("variable", "ls", "--limit", "200").out
    cli.ok("variable", "unset", name)
    missing = cli("variable", "get", name)
    assert (missing.code, missing.out) == (1, f"Variable '{name}' not found. See: ostinato variable ls\n")


def test_a_bad_name_of_a_variable_is_one_line(project: Project, cli: Cli) -> None:
    outcome = cli("variable", "set", "No Good", "1")
    assert outcome.code == 1
    assert outcome.out.startswith("name: Variable name must only contain lowercase letters")


def test_artifacts_are_listed_shown_and_deleted(project: Project, cli: Cli) -> None:
    key = unique("a")
    create_link_artifact("https://example.com", key=key)
    latest = create_markdown_artifact("# Hello", key=key)
    (listed,) = [each for each in cli.ok("artifact", "ls", "-o", "json").json() if each["key"] == key]
    assert listed["latest_id"] == str(latest)
    assert cli.ok("artifact", "ls", "--all").out.count(key) == 2
    shown = cli.ok("artifact", "inspect", key, "-o", "json").json()
    assert [each["data"] for each in shown] == ["# Hello", "[https://example.com](https://example.com)"]
    assert "# Hello" in cli.ok("artifact", "inspect", key).out
    cli.ok("artifact", "delete", "--id", str(latest))
    assert "Deleted 1 artifact(s)" in cli.ok("artifact", "delete", key).out
    assert cli("artifact", "inspect", key).code == 1
    assert cli("artifact", "delete").out == "Give either a key or --id.\n"


def test_blocks_are_registered_listed_shown_and_deleted(project: Project, cli: Cli) -> None:
    (project.folder / "cli_blocks.py").write_text(BLOCKS)
    assert "Successfully registered 1 block(s)" in cli.ok("block", "register", "-f", "cli_blocks.py").out
    from cli_blocks import CliAccount  # pyright: ignore[reportMissingImports, reportUnknownVariableType] - written above

    name = unique("b")
    account = CliAccount(user="ada", password="pass-phrase")  # pyright: ignore[reportUnknownVariableType] - as above
    block_id = str(account.save(name))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - as above
    assert f"cliaccount/{name}" in cli.ok("block", "ls").out
    shown = cli.ok("block", "inspect", f"cliaccount/{name}").out
    assert "ada" in shown
    assert "pass-phrase" not in shown
    assert cli.ok("block", "inspect", "--id", block_id, "-o", "json").json()["data"]["password"] == "********"
    assert "An account." in cli.ok("block", "type", "ls").out
    fields = cli.ok("block", "type", "inspect", "cliaccount", "-o", "json").json()["schema"]["fields"]
    assert fields["secret_fields"] == ["password"]
    assert "password" in cli.ok("block", "type", "inspect", "cliaccount").out
    assert "/blocks/catalog/cliaccount/create" in cli.ok("block", "create", "cliaccount").out
    cli.ok("block", "delete", f"cliaccount/{name}")
    assert (
        cli("block", "inspect", f"cliaccount/{name}").out
        == f"Block 'cliaccount/{name}' not found. See: ostinato block ls\n"
    )
    cli.ok("block", "type", "delete", "cliaccount")
    assert "There are:" in cli("block", "create", "cliaccount").out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["register"], "Give either --module or --file."),
        (["register", "-f", "nowhere.py"], "'nowhere.py' cannot be imported"),
        (["register", "-m", "flows"], "There are no block classes in flows."),
        (["inspect", "noslash"], "Give the block as type/name, got 'noslash'."),
        (["inspect"], "Give either the block as type/name or --id."),
        (["type", "delete", "secret"], "belongs to the server"),
    ],
)
def test_what_is_wrong_with_a_command_about_blocks(
    project: Project, cli: Cli, arguments: list[str], problem: str
) -> None:
    Secret(value="x").register_type_and_schema(_sync=True)
    outcome = cli("block", *arguments)
    assert outcome.code == 1
    assert problem in outcome.out


def test_limits_are_made_changed_and_deleted(project: Project, cli: Cli) -> None:
    name = unique("l")
    assert f"inspect {name}" in cli.ok("gcl", "create", name, "-l", "3", "--slot-decay-per-second", "0.5").out
    assert cli("gcl", "create", name, "-l", "3").out == f"Concurrency limit '{name}' already exists.\n"
    cli.ok("gcl", "update", name, "-l", "5")
    cli.ok("gcl", "disable", name)
    assert cli("gcl", "disable", name).out == f"Concurrency limit '{name}' is already disabled.\n"
    shown = cli.ok("gcl", "inspect", name, "-o", "json").json()
    assert (shown["limit"], shown["active"], shown["slot_decay_per_second"]) == (5, False, 0.5)
    cli.ok("gcl", "inspect", name, "-o", "json", "-f", "limit.json")
    assert name in (project.folder / "limit.json").read_text()
    cli.ok("gcl", "enable", name)
    assert name in cli.ok("gcl", "ls").out
    assert "Nothing to change" in cli("gcl", "update", name).out
    assert shown["leases"] == []
    cli.ok("gcl", "delete", name)
    assert (
        cli("gcl", "inspect", name).out
        == f"Concurrency limit '{name}' not found. See: ostinato global-concurrency-limit ls\n"
    )


def test_who_holds_slots_is_shown_and_loses_them(project: Project, cli: Cli) -> None:
    name = unique("l")
    cli.ok("gcl", "create", name, "-l", "2")
    with get_client(sync_client=True) as client:
        held = client.increment_concurrency_slots_with_lease([name], 1)
    shown = cli.ok("gcl", "inspect", name, "-o", "json").json()
    assert [each["lease_id"] for each in shown["leases"]] == [str(held.lease_id)]
    assert str(held.lease_id) in cli.ok("gcl", "inspect", name).out
    cli.ok("gcl", "release", str(held.lease_id))
    assert cli.ok("gcl", "inspect", name, "-o", "json").json()["leases"] == []
    assert "not found" in cli("gcl", "release", str(held.lease_id)).out


def test_limits_of_tags(project: Project, cli: Cli) -> None:
    tag = unique("t")
    cli.ok("concurrency-limit", "create", tag, "2")
    assert cli.ok("concurrency-limit", "inspect", tag, "-o", "json").json()["concurrency_limit"] == 2
    assert tag in cli.ok("concurrency-limits", "ls", "--limit", "100").out
    cli.ok("concurrency-limit", "reset", tag)
    cli.ok("concurrency-limit", "delete", tag)
    assert (
        cli("concurrency-limit", "inspect", tag).out
        == f"Concurrency limit of tag '{tag}' not found. See: ostinato concurrency-limit ls\n"
    )
