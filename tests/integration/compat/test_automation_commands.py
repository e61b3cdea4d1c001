"""`prefect automation` of the unmodified client: from files to automations that are switched, changed and deleted."""

import json

import pytest

from tests.integration.compat.conftest import Client
from tests.support.client import Api
from tests.support.json import Json

pytestmark = pytest.mark.compat

FILE = """
automations:
  - name: night-watch
    description: watches
    trigger:
      type: event
      posture: Reactive
      expect: [prefect.flow-run.Failed]
      for_each: [prefect.resource.id]
      threshold: 3
      within: 60
    actions: [{type: cancel-flow-run}]
  - name: day-watch
    trigger:
      type: compound
      require: all
      within: 30
      triggers:
        - {type: event, posture: Reactive, expect: [order.placed]}
        - {type: event, posture: Reactive, expect: [order.paid]}
    actions: [{type: do-nothing}]
"""


def automation(client: Client, *arguments: str) -> str:
    """Run a command, which must succeed; return what it printed."""
    result = client.run("prefect", "--no-prompt", "automation", *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


async def stored(api: Api, name: str) -> list[Json]:
    """Return the automations of a name."""
    return await api.created("/automations/filter", {"automations": {"name": {"any_": [name]}}})


@pytest.mark.timeout(300)
async def test_the_commands_do_what_they_say(api: Api, client: Client) -> None:
    (client.home / "watches.yaml").write_text(FILE)
    automation(client, "create", "--from-file", "watches.yaml")
    (night,) = await stored(api, "night-watch")
    (day,) = await stored(api, "day-watch")
    assert night["trigger"]["for_each"] == ["prefect.resource.id"]
    assert day["trigger"]["type"] == "compound"
    table = automation(client, "ls")
    assert "night-watch" in table
    assert "day-watch" in table

    (shown,) = json.loads(automation(client, "inspect", "night-watch", "--json"))
    assert (shown["id"], shown["trigger"]["threshold"]) == (night["id"], 3)
    assert "order.placed" in automation(client, "inspect", "--id", day["id"], "-o", "yaml")

    automation(client, "pause", "night-watch")
    automation(client, "disable", "--id", day["id"])
    assert [(await stored(api, name))[0]["enabled"] for name in ("night-watch", "day-watch")] == [False, False]
    automation(client, "resume", "--id", night["id"])
    automation(client, "enable", "day-watch")
    assert [(await stored(api, name))[0]["enabled"] for name in ("night-watch", "day-watch")] == [True, True]

    changed = {key: night[key] for key in ("name", "trigger", "actions", "enabled")} | {"description": "sleeps"}
    automation(client, "update", "--id", night["id"], "--from-json", json.dumps(changed))
    (updated,) = await stored(api, "night-watch")
    assert (updated["id"], updated["description"]) == (night["id"], "sleeps")
    assert updated["trigger"] | {"id": None} == night["trigger"] | {"id": None}

    automation(client, "delete", "night-watch")
    automation(client, "delete", "--id", day["id"])
    assert await stored(api, "night-watch") == await stored(api, "day-watch") == []


@pytest.mark.parametrize("command", ["inspect", "pause", "resume", "delete"])
def test_an_unknown_automation_is_told_in_the_words_of_the_client(client: Client, command: str) -> None:
    result = client.run("prefect", "--no-prompt", "automation", command, "--id", "00000000-0000-7000-8000-000000000000")

    assert result.returncode == 1
    assert "not found" in (result.stdout + result.stderr).lower()
