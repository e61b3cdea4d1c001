"""`automation send-test` on a real server."""

import json
from uuid import uuid4

from tests.integration.sdk.conftest import Project
from tests.support.cli import Cli

TRIGGER = {"type": "event", "posture": "Reactive", "expect": ["a.b"], "threshold": 1, "within": 0}


def test_an_action_is_tried_out(cli: Cli, project: Project) -> None:
    name = f"watcher-{uuid4().hex[:8]}"
    mail = {
        "type": "send-email-notification",
        "emails": ["ops@example.com"],
        "subject": "S",
        "body": "{{ event.event }}",
    }
    made = {"name": name, "trigger": TRIGGER, "actions": [{"type": "do-nothing"}, mail]}
    cli.ok("automation", "create", "-j", json.dumps(made))
    assert "send email notification to ops@example.com" in " ".join(cli.ok("automation", "ls").out.split())
    assert cli.ok("automation", "send-test", name, "--preview").out == "Subject: S\nostinato.test\n"
    outcome = cli("automation", "send-test", name, "--subject", "{{ automation.name }}")
    assert outcome.code == 1
    assert f"Subject: {name}" in outcome.out
    assert "Not delivered: The server has no mail server" in " ".join((outcome.out + outcome.err).split())
    shown = cli.ok("automation", "send-test", "--to", "a@example.com", "--preview", "-o", "json").json()
    assert shown["subject"] == "Test of A test"
    assert cli("automation", "send-test", name, "--action", "2").code == 1
    assert cli("automation", "send-test").code == 1
    assert cli("automation", "send-test", "--to", "nobody").code == 1
    missing = cli("automation", "send-test", name, "--flow-run", str(uuid4()))
    assert (missing.code, "not found" in missing.out + missing.err) == (1, True)
