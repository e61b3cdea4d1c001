"""What a firing would do, without doing it."""

from uuid import UUID

from ostinato_core.automations import repository
from ostinato_core.automations.firings import Firing, TriggerState
from ostinato_core.automations.preview import Preview, preview
from ostinato_core.clock import utc_now
from ostinato_core.transaction import Database, Transaction
from tests.integration.actions.scene import deliveries_of, event, new_automation, new_block, resource
from tests.integration.loops.scene import new_deployment
from tests.support.client import Api
from tests.support.json import Json

NONE = "c3972e80-ace6-43c5-9c0d-fc582d835e57"


async def _previews(database: Database, automation: Json, *related: dict[str, str]) -> list[Preview]:
    firing = Firing(
        UUID(automation["trigger"]["id"]), TriggerState.TRIGGERED, utc_now(), {"a": "b"}, event(None, *related)
    )

    async def operation(tx: Transaction) -> list[Preview]:
        return await preview(tx, await repository.get(tx, UUID(automation["id"])), firing)

    return await database.read(operation)


async def test_all_actions_of_a_firing_are_rendered_and_nothing_is_done(client: Api, database: Database) -> None:
    deployment = await new_deployment(client)
    block = await new_block(client, "webhook", {"url": "http://127.0.0.1:9"})
    automation = await new_automation(
        client,
        {"type": "run-deployment", "source": "inferred", "parameters": {"n": "{{ 40 + 2 }}", "l": "{{ labels.a }}"}},
        {"type": "call-webhook", "block_document_id": block["id"], "payload": "{{ deployment.name }}"},
        {"type": "send-email-notification", "emails": ["a@example.com"], "subject": "s", "body": "{{ event.event }}"},
        {"type": "pause-work-queue", "work_queue_id": NONE},
        {"type": "cancel-flow-run"},
        {"type": "send-notification", "block_document_id": block["id"], "body": "x"},
        {"type": "call-webhook", "block_document_id": block["id"], "payload": "{{ 1/0 }}"},
        actions_on_trigger=[{"type": "pause-automation", "source": "inferred"}],
        actions_on_resolve=[{"type": "do-nothing"}],
    )
    found = await _previews(database, automation, resource("deployment", deployment["id"], "deployment"))
    target = f"prefect.deployment.{deployment['id']}"
    assert [(each.index, each.type, each.target, each.rendered, each.reason) for each in found] == [
        (0, "run-deployment", target, {"parameters": {"n": 42, "l": "b"}}, None),
        (1, "call-webhook", None, {"payload": "d"}, None),
        (2, "send-email-notification", None, {"subject": "s", "body": "thing.happened"}, None),
        (
            3,
            "pause-work-queue",
            f"prefect.work-queue.{NONE}",
            {},
            "Unexpected status from 'pause-work-queue' action: 404",
        ),
        (4, "cancel-flow-run", None, {}, "No flow run could be inferred"),
        (5, "send-notification", None, {}, "The referenced block was not a notification block"),
        (6, "call-webhook", None, {}, "Template rendering failed: ZeroDivisionError('division by zero')"),
        (7, "pause-automation", f"prefect.automation.{automation['id']}", {}, None),
    ]
    assert await deliveries_of(client, automation) == []
    assert (await client.get(f"/automations/{automation['id']}")).json["enabled"] is True
