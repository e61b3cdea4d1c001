"""`webhook` and `incident` on a real server."""

import json
import urllib.request
from uuid import uuid4

from tests.integration.sdk.conftest import Project
from tests.support.cli import Cli

TEMPLATE = '{"event": "order.{{ body.action }}", "resource": {"prefect.resource.id": "order.1"}}'


def test_a_webhook_is_made_changed_rotated_and_deleted(cli: Cli, project: Project) -> None:
    name = f"hook-{uuid4().hex[:8]}"
    (project.folder / "template.jinja").write_text(TEMPLATE)
    told = cli.ok("webhook", "create", name, "-t", "@template.jinja", "-d", "orders", "--signature", "github").out
    made = next(item for item in cli.ok("webhooks", "ls", "-o", "json").json() if item["name"] == name)
    assert f"Created webhook '{name}' with id {made['id']}\n  Address  http" in told
    assert "  Secret   " in told
    assert (made["template"], made["description"], made["secret"]) == (TEMPLATE, "orders", None)
    assert name in cli.ok("webhook", "ls").out

    assert cli.ok("webhook", "toggle", made["id"]).out == f"Webhook '{name}' is now disabled.\n"
    cli.ok("webhook", "update", made["id"], "--description", "changed")
    assert cli("webhook", "update", made["id"]).code == 1
    assert cli("--no-prompt", "webhook", "rotate", made["id"]).code == 1
    rotated = cli.ok("webhook", "rotate", made["id"], "-y", "--overlap", "60", "-o", "json").json()
    assert rotated["url"].endswith(f"/hooks/{rotated['slug']}")
    assert rotated["slug"] != made["slug"]
    assert len(rotated["secret"]) > 30
    after = cli.ok("webhook", "get", made["id"], "-o", "json").json()
    assert (after["enabled"], after["description"], after["secret"]) == (False, "changed", None)
    assert f"/hooks/{rotated['slug']}" in cli.ok("webhook", "get", made["id"]).out

    cli.ok("webhook", "delete", made["id"])
    assert "not found" in cli("webhook", "get", made["id"]).out


def test_a_template_is_needed(cli: Cli, project: Project) -> None:
    assert "Give a --template" in cli("webhook", "create", "x").out
    assert "'template' is not a valid template" in cli("webhook", "create", "x", "-t", "{% for %}").out


def test_what_a_payload_would_become_is_shown(cli: Cli, project: Project) -> None:
    made = cli.ok("webhook", "create", f"hook-{uuid4().hex[:8]}", "-t", TEMPLATE, "-o", "json").json()
    shown = cli.ok("webhook", "test", made["id"], "-b", '{"action": "paid"}', "-H", "X-A: 1", "-X", "put").json()
    assert (shown["event"], shown["payload"]["method"]) == ("order.paid", "PUT")
    assert shown["payload"]["headers"] == {"X-A": "1"}

    failed = cli("webhook", "test", "-t", '{"event": "{{ method }}"}')
    assert failed.code == 1
    assert "No event: The rendered JSON is not an event: resource: Field required" in failed.out
    assert '{"event": "POST"}' in failed.err
    assert cli("webhook", "test").code == 1


def test_what_is_sent_is_an_event(cli: Cli, project: Project) -> None:
    made = cli.ok("webhook", "create", f"hook-{uuid4().hex[:8]}", "-t", TEMPLATE, "-o", "json").json()
    request = urllib.request.Request(made["url"], b'{"action": "paid"}', {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 204
    wanted = {"filter": {"related": {"id": [f"prefect-cloud.webhook.{made['id']}"]}}}
    page = cli.ok("api", "POST", "/events/filter", "--data", json.dumps(wanted)).json()
    assert [event["event"] for event in page["events"]] == ["order.paid"]


def test_an_incident_is_declared_resolved_and_reopened(cli: Cli, project: Project) -> None:
    name = f"incident-{uuid4().hex[:8]}"
    made = cli.ok(
        "incident",
        "declare",
        name,
        "-s",
        "high",
        "-m",
        "Nothing runs",
        "-t",
        "etl",
        "-r",
        "prefect.flow.1",
        "-o",
        "json",
    ).json()
    assert (made["severity"], made["tags"], made["status"]) == ("high", ["etl"], "open")
    assert made["related_resources"] == [{"prefect.resource.id": "prefect.flow.1"}]
    assert name in cli.ok("incidents", "ls").out

    cli.ok("incident", "comment", made["id"], "looking")
    assert f"Resolved incident '{name}'" in cli.ok("incident", "resolve", made["id"]).out
    assert "is resolved already" in cli("incident", "resolve", made["id"]).out
    assert name not in cli.ok("incident", "ls").out
    assert name in cli.ok("incident", "ls", "--all").out
    assert f"Reopened incident '{name}'" in cli.ok("incident", "reopen", made["id"]).out
    shown = cli.ok("incident", "inspect", made["id"], "-o", "json").json()
    assert (shown["status"], [comment["text"] for comment in shown["comments"]]) == ("open", ["looking"])
    assert "looking" in cli.ok("incident", "inspect", made["id"]).out
    assert "not found" in cli("incident", "resolve", str(uuid4())).out
