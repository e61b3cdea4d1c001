"""Actions that leave the server: webhooks, notifications and mail to real receivers, retries and dead letters."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from aiohttp import web

from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.deliver_actions import DeliverActions
from tests.integration.actions.scene import (
    deliver,
    deliveries_of,
    event,
    let_fire,
    new_automation,
    new_block,
    traces_of,
)
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.json import Json
from tests.support.mail import mail_server
from tests.support.ports import wait_until
from tests.support.receiver import Receiver


@pytest.fixture
async def loop(database: Database, settings: ServerSettings) -> AsyncIterator[DeliverActions]:
    made = DeliverActions(database, settings)
    yield made
    await made.close()


async def _webhook(client: Api, url: str, payload: str = "{}", **data: Json) -> Json:
    """Make an automation that calls a webhook."""
    block = await new_block(client, "webhook", {"url": url, "method": "POST", **data})
    return await new_automation(client, {"type": "call-webhook", "block_document_id": block["id"], "payload": payload})


async def test_a_webhook_is_called_with_what_the_event_tells(
    client: Api, database: Database, loop: DeliverActions, receiver: Receiver
) -> None:
    receiver.answers.append(web.Response(text="x" * 2000, headers={"X-Mine": "1", "Set-Cookie": "secret=1"}))
    payload = '{"what": "{{ event.event }}", "who": {{ event.resource | tojson }}, "n": {{ firings | length }}}'
    automation = await _webhook(client, f"{receiver.url}/in", payload)
    await let_fire(database, automation, event())
    (delivery,) = await deliver(loop, client, automation)
    (request,) = receiver.received
    assert (request.method, request.path) == ("POST", "/in")
    assert request.body == b'{"what": "thing.happened", "who": {"prefect.resource.id": "a.thing"}, "n": 1}'
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 1)
    result = delivery["result"]
    assert (result["status_code"], len(result["response_body"])) == (200, 1000)
    assert result["response_headers"]["X-Mine"] == "1"
    assert "Set-Cookie" not in result["response_headers"]
    begun, ended = await traces_of(client, automation)
    assert [each["prefect.resource.role"] for each in ended["related"]] == [
        "block",
        "block-type",
        "automation-triggered-event",
        "triggering-event",
    ]
    assert ended["payload"]["status_code"] == 200
    assert ended["follows"] == begun["id"]
    loaded = await client.post("/events/filter", {"filter": {"event": {"name": ["prefect.block.webhook.loaded"]}}})
    assert begun["related"][0]["prefect.resource.id"] in [
        each["resource"]["prefect.resource.id"] for each in loaded.json["events"]
    ]


async def test_a_notification_is_sent_by_its_block(
    client: Api, database: Database, loop: DeliverActions, receiver: Receiver
) -> None:
    data = {
        "name": "chat",
        "url": f"{receiver.url}/chat",
        "method": "POST",
        "json_data": {"title": "{{subject}}", "text": "{{body}}", "key": "{{token}}"},
        "secrets": {"token": "hush"},
    }
    block = await new_block(client, "custom-webhook", data)
    automation = await new_automation(
        client,
        {
            "type": "send-notification",
            "block_document_id": block["id"],
            "subject": "{{ automation.name }}",
            "body": "{{ flow_run.name }}{{ event.event }}",
        },
    )
    await let_fire(database, automation, event())
    (delivery,) = await deliver(loop, client, automation)
    assert delivery["state"] == "delivered", delivery
    assert b"hush" in receiver.received[0].body
    assert automation["name"].encode() in receiver.received[0].body
    assert "hush" not in str(delivery) + str(await traces_of(client, automation))


async def test_mail_is_sent_to_addresses(client: Api, database: Database, settings: ServerSettings) -> None:
    async with mail_server() as box:
        smtp = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_tls": "none", "smtp_sender": "o@example.com"}
        loop = DeliverActions(database, settings.model_copy(update=smtp))
        action = {
            "type": "send-email-notification",
            "emails": ["a@example.com", "b@example.com"],
            "subject": "About {{ event.event }}",
            "body": "Hello",
        }
        automation = await new_automation(client, action)
        await let_fire(database, automation, event())
        (delivery,) = await deliver(loop, client, automation)
        assert delivery["state"] == "delivered", delivery
        assert box.recipients == ["a@example.com", "b@example.com"]
        assert box.mails[0]["Subject"] == "About thing.happened"


async def test_what_is_refused_is_tried_again_ever_later_and_then_is_a_dead_letter(
    client: Api, database: Database, settings: ServerSettings, receiver: Receiver, clock: DrivenClock
) -> None:
    loop = DeliverActions(database, settings.model_copy(update={"actions_attempts": 4, "actions_retry_after": 10.0}))
    receiver.answers += [web.Response(status=503, text="not now"), web.Response(status=500)]
    receiver.answers += [web.Response(status=429, headers={"Retry-After": "300"}), web.Response(status=502)]
    automation = await _webhook(client, receiver.url)
    await let_fire(database, automation, event())
    pauses: list[float] = []
    for attempt in range(1, 4):
        (delivery,) = await deliver(loop, client, automation)
        assert (delivery["state"], delivery["attempts"]) == ("pending", attempt)
        assert len(receiver.received) == attempt
        pauses.append(_seconds_until(delivery["due"], clock))
        clock.forward(pauses[-1] - 0.5)
        await deliver(loop, client, automation)
        assert len(receiver.received) == attempt
        clock.forward(1)
    assert 5 <= pauses[0] <= 10 <= pauses[1] <= 20
    assert pauses[2] == pytest.approx(300, abs=1)
    (delivery,) = await deliver(loop, client, automation)
    assert (delivery["state"], delivery["attempts"], delivery["due"]) == ("failed", 4, None)
    assert delivery["reason"].startswith("Webhook call failed: ")
    assert delivery["result"]["status_code"] == 502
    assert [each["event"].rsplit(".", 1)[1] for each in await traces_of(client, automation)] == ["triggered", "failed"]


async def _came(receiver: Receiver) -> None:
    async def has_come() -> bool:
        return bool(receiver.received)

    await wait_until(has_come, seconds=60, what="the request")


def _seconds_until(due: str, clock: DrivenClock) -> float:
    return (datetime.fromisoformat(due) - clock.now).total_seconds()


async def test_a_dead_letter_is_sent_again_by_a_person(
    client: Api, database: Database, loop: DeliverActions, receiver: Receiver
) -> None:
    receiver.answers.append(web.Response(status=400, text="no"))
    automation = await _webhook(client, receiver.url, "{{ event.event }}")
    await let_fire(database, automation, event())
    (failed,) = await deliver(loop, client, automation)
    assert (failed["state"], failed["attempts"]) == ("failed", 1)
    again = await client.post(f"/automations/deliveries/{failed['id']}/send_again")
    assert (again.status, again.json["state"]) == (200, "pending")
    (delivery,) = await deliver(loop, client, automation)
    assert (delivery["state"], delivery["attempts"], delivery["reason"]) == ("delivered", 2, None)
    assert [each.body for each in receiver.received] == [b"thing.happened"] * 2
    refused = await client.post(f"/automations/deliveries/{failed['id']}/send_again")
    assert (refused.status, refused.json["detail"]) == (
        409,
        "Only a failed delivery can be sent again, and this one is delivered.",
    )
    changes = [each["event"].rsplit(".", 1)[1] for each in await traces_of(client, automation)]
    assert changes == ["triggered", "failed", "executed"]


async def test_an_attempt_whose_outcome_nobody_knows_is_not_repeated(
    client: Api, database: Database, settings: ServerSettings, receiver: Receiver, clock: DrivenClock
) -> None:
    receiver.silent = True
    automation = await _webhook(client, receiver.url)
    await let_fire(database, automation, event())
    lost = DeliverActions(database, settings)
    await lost.tick()
    await _came(receiver)
    for task in [each for each in asyncio.all_tasks() if each.get_name().startswith("delivery ")]:
        task.cancel()
    (delivery,) = await deliveries_of(client, automation)
    assert delivery["is_under_way"]
    receiver.silent = False
    other = DeliverActions(database, settings)
    clock.forward(179)
    await other.tick()
    assert (await deliveries_of(client, automation))[0]["state"] == "pending"
    clock.forward(2)
    (delivery,) = await deliver(other, client, automation)
    assert (delivery["state"], delivery["is_under_way"]) == ("failed", False)
    assert "may have arrived" in delivery["reason"]
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("slug", "action", "reason"),
    [
        ("secret", "send-notification", "The referenced block was not a notification block"),
        ("secret", "call-webhook", "The referenced block was not a webhook block"),
        (None, "call-webhook", "Unexpected status from 'call-webhook' action: 404"),
        ("webhook", "call-webhook", "Template rendering failed: ZeroDivisionError('division by zero')"),
    ],
)
async def test_what_cannot_be_sent_fails_at_once(
    client: Api, database: Database, loop: DeliverActions, slug: str | None, action: str, reason: str
) -> None:
    data = {"value": "x"} if slug == "secret" else {"url": "http://127.0.0.1:9"}
    block = {"id": "c3972e80-ace6-43c5-9c0d-fc582d835e57"} if slug is None else await new_block(client, slug, data)
    text = {"body": "{{ 1/0 }}"} if action == "send-notification" else {"payload": "{{ 1/0 }}"}
    automation = await new_automation(client, {"type": action, "block_document_id": block["id"], **text})
    await let_fire(database, automation, event())
    (delivery,) = await deliver(loop, client, automation)
    assert (delivery["state"], delivery["reason"], delivery["attempts"]) == ("failed", reason, 1)


async def test_what_waits_for_a_deleted_automation_is_dropped(
    client: Api, database: Database, loop: DeliverActions, receiver: Receiver
) -> None:
    automation = await _webhook(client, receiver.url)
    await let_fire(database, automation, event())
    assert (await client.delete(f"/automations/{automation['id']}")).status == 204
    (delivery,) = await deliver(loop, client, automation)
    assert (delivery["state"], delivery["reason"]) == (
        "dropped",
        "The automation was deleted before this was done.",
    )
    assert receiver.received == []


async def test_a_slow_receiver_holds_up_nobody(
    client: Api, database: Database, settings: ServerSettings, receiver: Receiver
) -> None:
    loop = DeliverActions(database, settings.model_copy(update={"actions_at_once": 2}))
    receiver.silent = True
    slow = await _webhook(client, receiver.url)
    await let_fire(database, slow, event())
    await loop.tick()
    await _came(receiver)
    receiver.silent = False
    quick = await _webhook(client, receiver.url)
    for _ in range(5):
        await let_fire(database, quick, event())
    delivered = await deliver(loop, client, quick)
    assert [each["state"] for each in delivered] == ["delivered"] * 5
    assert (await deliveries_of(client, slow))[0]["is_under_way"]
    await loop.close()
