"""The test button: an action that sends something is tried out, or its templates alone, on a real run."""

import pytest

from tests.integration.actions.scene import new_automation, new_block
from tests.integration.alerting.conftest import client, database, other_database, receiver, services, settings, url
from tests.integration.loops.scene import move, new_deployment, new_run
from tests.support.client import Api
from tests.support.json import Json
from tests.support.receiver import Receiver

__all__ = ["client", "database", "other_database", "receiver", "services", "settings", "url"]

PATH = "/automations/actions/test"


@pytest.fixture
async def api(client: Api, database: object) -> Api:
    """A client of a server that knows the block types."""
    return client


async def chat(api: Api, receiver: Receiver, **members: Json) -> Json:
    block = await new_block(api, "slack-webhook", {"url": receiver.url})
    action = {"type": "send-notification", "block_document_id": block["id"], "subject": "S", "body": "B"}
    return action | members


async def test_a_message_is_sent_at_once(api: Api, receiver: Receiver) -> None:
    quiet = {"group_by": "automation", "digest": {"every": "week"}}
    action = await chat(api, receiver, subject="{{ automation.name }}", body="{{ event.event }}", alerting=quiet)
    result = (await api.post(PATH, {"action": action})).json
    assert (result["delivered"], result["reason"], result["details"]["status"]) == (True, None, 200)
    assert (result["subject"], result["body"]) == ("A test", "ostinato.test")
    assert len(receiver.received) == 1


async def test_templates_are_shown_on_a_real_run_and_nothing_is_sent(api: Api, receiver: Receiver) -> None:
    deployment = await new_deployment(api, name="import")
    run = await new_run(
        api, "PENDING", deployment_id=deployment["id"], flow_id=deployment["flow_id"], name="grumpy-cat"
    )
    assert (await move(api, run, "FAILED", message="Disk is full"))["status"] == "ACCEPT"
    template = "{{ flow_run.name }} of {{ deployment.name }}: {{ flow_run.state.message }} ({{ automation.name }})"
    action = await chat(api, receiver, body=template)
    automation = await new_automation(api, action)
    body = {"action": action, "flow_run_id": run["id"], "automation_id": automation["id"], "send": False}
    result = (await api.post(PATH, body)).json
    assert result == {
        "subject": "S", "body": f"grumpy-cat of import: Disk is full ({automation['name']})", "delivered": None,
        "reason": None, "details": {},
    }  # fmt: skip
    assert not receiver.received


async def test_why_it_does_not_arrive_is_told(api: Api, receiver: Receiver) -> None:
    block = await new_block(api, "slack-webhook", {"url": "http://10.0.0.1/secret"})
    action = {"type": "send-notification", "block_document_id": block["id"], "body": "B"}
    result = (await api.post(PATH, {"action": action})).json
    assert (result["delivered"], result["reason"]) == (
        False, "10.0.0.1 is not a public machine; OSTINATO_OUTBOUND_ALLOWED may allow it.",
    )  # fmt: skip
    mail = {"type": "send-email-notification", "emails": ["a@example.com"], "body": "b"}
    result = (await api.post(PATH, {"action": mail})).json
    assert "OSTINATO_SMTP_HOST" in result["reason"]
    other = await new_block(api, "secret", {"value": "x"})
    result = (await api.post(PATH, {"action": {**action, "block_document_id": other["id"]}})).json
    assert (result["delivered"], result["reason"]) == (None, "The referenced block was not a notification block")
    missing = "364ea388-8572-4498-a404-532ad76bed1f"
    result = (await api.post(PATH, {"action": {**action, "block_document_id": missing}})).json
    assert (result["delivered"], result["reason"]) == (None, "Block document not found")
    result = (await api.post(PATH, {"action": await chat(api, receiver, body="{{ 1 / 0 }}")})).json
    assert (result["delivered"], result["body"]) == (None, None)
    assert result["reason"].startswith("Template rendering failed")
    for unknown in ({"flow_run_id": missing}, {"automation_id": missing}):
        assert (await api.post(PATH, {"action": mail, **unknown})).status == 404


async def test_actions_that_send_nothing_are_refused(api: Api) -> None:
    assert (await api.post(PATH, {"action": {"type": "do-nothing"}})).status == 422
