"""`automation`, `events` and `api` on a real server."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest

from ostinato.settings import temporary_settings
from tests.integration.sdk.conftest import Project, until
from tests.support.cli import Cli

TRIGGER = {
    "type": "event", "posture": "Reactive", "expect": ["prefect.flow-run.Failed"], "threshold": 3, "within": 60,
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
}  # fmt: skip


@pytest.fixture
def name() -> str:
    return f"watcher-{uuid4().hex[:8]}"


def automation(name: str) -> dict[str, object]:
    return {"name": name, "description": "watches", "trigger": TRIGGER, "actions": [{"type": "do-nothing"}]}


def test_an_automation_is_made_changed_switched_and_deleted(cli: Cli, project: Project, name: str) -> None:
    told = cli.ok("automation", "create", "--from-json", json.dumps(automation(name))).out
    (made,) = cli.ok("automation", "inspect", name, "-o", "json").json()
    assert (made["trigger"]["threshold"], made["trigger"]["within"]) == (3, 60.0)
    assert told == f"Created automation '{name}' with id {made['id']}\n"
    shown = " ".join(cli.ok("automations", "ls").out.split())
    for text in (name, made["id"], "3 times prefect.flow-run.Failed of prefect.flow-run.* within 60 s", "do nothing"):
        assert text in shown
    cli.ok("automation", "pause", name)
    assert not cli.ok("automation", "inspect", "--id", made["id"], "--json").json()["enabled"]
    cli.ok("automation", "enable", "--id", made["id"])
    changed = made | {"description": "changed", "enabled": True}
    cli.ok("automation", "update", "--id", made["id"], "--from-json", json.dumps(changed))
    after = cli.ok("automation", "inspect", "--id", made["id"], "-o", "json").json()
    assert {**after, "updated": "", "trigger": ""} == {**changed, "updated": "", "trigger": ""}
    assert "class" not in cli.ok("automation", "inspect", name).out
    cli.ok("automation", "delete", name)
    assert cli("automation", "inspect", name).code == 1


def test_a_file_may_have_several(cli: Cli, project: Project, name: str) -> None:
    first = cli.ok("automation", "create", "-j", json.dumps(automation(name)))
    assert name in first.out
    text = cli.ok("automation", "inspect", name, "-o", "yaml").out
    (project.folder / "more.yaml").write_text(text.replace(name, f"{name}-2") + text.replace(name, f"{name}-3"))
    assert "Created 2 automation(s):" in cli.ok("automation", "create", "-f", "more.yaml").out
    wrong = {"automations": [automation(f"{name}-4"), {"name": "bad"}]}
    (project.folder / "wrong.json").write_text(json.dumps(wrong))
    outcome = cli("automation", "create", "-f", "wrong.json")
    assert outcome.code == 1
    assert f"Created automation '{name}-4'" in outcome.out
    assert "'bad': trigger: Field required; actions: Field required" in outcome.out
    outcome = cli("automation", "inspect", f"{name}-55")
    assert (outcome.code, outcome.out.count("Did you mean")) == (1, 1)
    assert f"'{name}-" in outcome.out


def test_of_several_of_a_name_none_is_deleted_and_all_are_paused_only_after_a_question(
    cli: Cli, project: Project, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.ok("automation", "create", "-j", json.dumps([automation(name), automation(name)]))
    ids = [item["id"] for item in cli.ok("automation", "inspect", name, "-o", "json").json()]
    outcome = cli("automation", "delete", name)
    assert outcome.code == 1
    assert all(text in outcome.out for text in ids)
    assert "Operation cancelled" in cli("--no-prompt", "automation", "pause", name).out

    def agree(question: str, default: bool) -> bool:
        return True

    monkeypatch.setattr("typer.confirm", agree)
    cli.ok("automation", "pause", name)
    assert not any(item["enabled"] for item in cli.ok("automation", "inspect", name, "-o", "json").json())
    for each in ids:
        cli.ok("automation", "delete", "--id", each)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("create",), "Give either --from-file or --from-json."),
        (("create", "-j", "{"), "--from-json takes JSON"),
        (("create", "-f", "flows.py"), "flows.py must end in .yaml, .yml or .json."),
        (("inspect",), "Give either the name of an automation or --id."),
        (("inspect", "x", "--yaml", "--json"), "Give only one of"),
        (("inspect", "x", "-o", "xml"), "Only 'json' and 'yaml' output formats are supported."),
        (("inspect", "--id", "x"), "that is not an id"),
        (("delete", "x", "--all"), "Give --all alone"),
    ],
)
def test_wrong_calls(arguments: tuple[str, ...], told: str, cli: Cli, project: Project) -> None:
    outcome = cli("automation", *arguments)
    assert outcome.code == 1
    assert told in outcome.out + outcome.err


def test_what_is_emitted_is_streamed(cli: Cli, project: Project) -> None:
    name = f"arrived.{uuid4().hex}"
    stream = project.start("events", "stream", "--output-file", "events.txt", "--format", "text")
    try:

        def seen() -> bool:
            cli.ok("events", "emit", name, "--resource-id", "my.thing", "--related", _RELATED, "-p", '{"n": 1}')
            path = project.folder / "events.txt"
            return path.exists() and f" {name} my.thing\n" in path.read_text()

        asyncio.run(until(seen, "the event is streamed"))
    finally:
        stream.terminate()
        stream.communicate()
    first = cli.ok("events", "stream", "--run-once").json()
    assert {"id", "event", "resource", "occurred"} <= first.keys()


_RELATED = '{"prefect.resource.id": "my.other", "prefect.resource.role": "friend"}'


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "An event needs a resource"),
        (("-r", "a"), "--resource takes `key=value`"),
        (("--resource-id", "x", "--related", '{"a": "b"}'), "prefect.resource.id"),
        (("--resource-id", "x", "--payload", "[]"), "--payload takes a JSON object"),
    ],
)
def test_what_is_no_event_is_told(arguments: tuple[str, ...], told: str, cli: Cli, project: Project) -> None:
    outcome = cli("events", "emit", "x", *arguments)
    assert outcome.code == 1
    assert told in outcome.out


def test_any_request_and_its_exit_codes(cli: Cli, project: Project) -> None:
    assert cli.ok("api", "get", "/health").json() is True
    name = f"v_{uuid4().hex}"
    made = cli.ok("api", "POST", "variables/", "--data", json.dumps({"name": name, "value": 1})).json()
    assert made["name"] == name
    body = Path("body.json")
    body.write_text('{"limit": 1}')
    assert len(cli.ok("api", "POST", "/variables/filter", "--data", f"@{body}").json()) == 1
    outcome = cli("api", "GET", "/nope")
    assert (outcome.code, outcome.err) == (4, "404 Not Found for GET /nope\n")
    outcome = cli("api", "GET", "/health", "-v", "-H", "Authorization: Bearer secret", "-H", "X-Mine: 1")
    assert outcome.code == 0
    assert "> authorization: ********\n" in outcome.err
    assert "> x-mine: 1\n" in outcome.err.lower()
    assert "secret" not in outcome.err
    for wrong in (("GET", "http://elsewhere/x"), ("BREW", "/x"), ("POST", "/x", "--data", "{")):
        assert cli("api", *wrong).code == 1
    with temporary_settings({"api.url": "http://127.0.0.1:9/api"}):
        assert cli("api", "GET", "/health").code == 7


def test_a_draft_is_tested_on_stored_events(cli: Cli, project: Project, name: str) -> None:
    cli.ok("events", "emit", f"{name}.happened", "--resource-id", f"{name}.thing")
    draft = automation(name) | {
        "trigger": TRIGGER | {"expect": [f"{name}.*"], "match": {}, "threshold": 1, "within": 0}
    }
    (project.folder / "draft.json").write_text(json.dumps(draft))

    found = cli.ok("automation", "test", "draft.json", "--since", "7d", "-o", "json").json()
    assert [each["type"] for each in found["firings"][0]["actions"]] == ["do-nothing"]
    event_id = found["firings"][0]["triggering_event"]["id"]
    shown = " ".join(cli.ok("automation", "test", "draft.json", "--event", event_id).out.split())
    assert f"{name}.happened" in shown
    assert "fires the automation" in shown
    assert "It would have fired 1 time by 1 events" in shown
    (project.folder / "other.json").write_text(json.dumps(automation(name)))
    shown = cli.ok("automation", "test", "other.json", "--event", event_id).out
    assert f"The name '{name}.happened' is none that is expected: prefect.flow-run.Failed." in shown
    assert cli("automation", "ls").out.find(name) == -1
    assert "is no time" in cli("automation", "test", "draft.json", "--since", "whenever").out
