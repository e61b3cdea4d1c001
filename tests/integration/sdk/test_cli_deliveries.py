"""`automation deliveries` and `automation delivery` on a real server."""

import json
from uuid import uuid4

from tests.integration.sdk.conftest import Project, until
from tests.support.cli import Cli
from tests.support.json import Json


async def test_a_failed_action_is_listed_shown_and_tried_again(cli: Cli, project: Project) -> None:
    name = f"automation-{uuid4().hex[:8]}"
    body = {
        "name": name,
        "trigger": {"type": "event", "posture": "Reactive", "expect": [name]},
        "actions": [{"type": "cancel-flow-run"}, {"type": "do-nothing"}],
    }
    cli.ok("automation", "create", "--from-json", json.dumps(body))
    cli.ok("events", "emit", name, "--resource-id", "a.thing")

    await until(lambda: len(_listed(cli, name, "failed")) == len(_listed(cli, name, "delivered")) == 1, "both actions")
    (failed,) = _listed(cli, name, "failed")
    assert (failed["action"]["type"], failed["reason"]) == ("cancel-flow-run", "No flow run could be inferred")
    table = cli.ok("automation", "deliveries", name).out
    assert failed["id"] in table
    assert failed["id"] in cli.ok("automations", "deliveries").out
    shown = cli.ok("automation", "delivery", "inspect", failed["id"], "-o", "json").json()
    assert shown == failed
    assert "No flow run could be inferred" in cli.ok("automation", "delivery", "inspect", failed["id"]).out

    cli.ok("automation", "delivery", "send-again", failed["id"])
    await until(lambda: [each["attempts"] for each in _listed(cli, name, "failed")] == [2], "the second attempt")

    (delivered,) = _listed(cli, name, "delivered")
    refused = cli("automation", "delivery", "send-again", delivered["id"])
    assert refused.code == 1
    assert "Only a failed delivery can be sent again" in refused.out + refused.err
    missing = cli("automation", "delivery", "inspect", str(uuid4()))
    assert "See: ostinato automation deliveries" in missing.out + missing.err


def _listed(cli: Cli, name: str, state: str) -> list[Json]:
    return cli.ok("automation", "deliveries", name, "--state", state, "-o", "json").json()
