"""`prefect automation`: create from a file, ls, inspect, pause, resume, delete."""

import json
from pathlib import Path

from _tools import VERSION, api, cli, note, unique


def described(name, description):
    trigger = {
        "type": "event", "posture": "Reactive", "expect": ["prefect.flow-run.Failed"], "threshold": 3, "within": 60,
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
    }  # fmt: skip
    return {"name": name, "description": description, "trigger": trigger, "actions": [{"type": "do-nothing"}]}


def create(name):
    """Create by the command where the client has it."""
    wanted = described(name, "watches")
    if VERSION < (3, 4, 12):
        note("this client has no `automation create`; made by the API")
        return api("POST", "/automations/", wanted)
    Path("automation.json").write_text(json.dumps(wanted))
    cli("automation", "create", "--from-file", "automation.json")
    return api("POST", "/automations/filter", {"automations": {"name": {"any_": [name]}}})[0]


if __name__ == "__main__":
    name = unique("watcher")
    made = create(name)
    assert made["name"] == name and made["trigger"]["threshold"] == 3, made
    assert name in cli("automation", "ls")
    assert name in cli("automation", "inspect", name)
    assert name in cli("automation", "inspect", "--id", made["id"])
    cli("automation", "pause", name)
    assert not api("GET", f"/automations/{made['id']}")["enabled"]
    cli("automation", "resume", name)
    assert api("GET", f"/automations/{made['id']}")["enabled"]
    cli("--no-prompt", "automation", "delete", name)
    api("GET", f"/automations/{made['id']}", status=(404,))
