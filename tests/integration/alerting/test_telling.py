"""What people are told of many failures: one message with a counter, after quiet hours, in a digest; and the end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import pytest
from aiohttp import web

from ostinato_api.deps import Services
from ostinato_core.automations.deliveries import doing
from ostinato_core.ids import new_id
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database, Transaction
from ostinato_scheduler.loops.deliver_actions import DeliverActions
from ostinato_scheduler.loops.tell_resolved import TellResolved
from tests.integration.actions.scene import deliver, deliveries_of, event, let_fire, new_automation, new_block, resource
from tests.integration.loops.scene import move, new_deployment, new_run, tick_all, twice
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.json import Json
from tests.support.mail import mail_server
from tests.support.receiver import Receiver


def failed(deployment: Json, run: str = "grumpy-cat") -> tuple[dict[str, str], dict[str, str]]:
    """Return the resources of the event of a run of a deployment that failed."""
    named = {"prefect.resource.name": deployment["name"]}
    return (
        resource("flow-run", new_id(), **{"prefect.resource.name": run}),
        resource("deployment", deployment["id"], "deployment", **named),
    )


async def fails(database: Database, automation: Json, deployment: Json, run: str = "grumpy-cat") -> None:
    """Let an automation fire for a failure."""
    cause = event(*failed(deployment, run))
    cause.event = "prefect.flow-run.Failed"
    await let_fire(database, automation, cause)


async def work(loops: list[DeliverActions], api: Api, automation: Json) -> list[Json]:
    """Let all loops work until nothing is due and nothing is under way; return the deliveries."""
    return (await asyncio.gather(*(deliver(loop, api, automation) for loop in loops)))[-1]


def texts(receiver: Receiver) -> list[str]:
    return [orjson.loads(taken.body)["text"] for taken in receiver.received]


@pytest.fixture
async def loops(
    database: Database, other_database: Database, settings: ServerSettings
) -> AsyncIterator[list[DeliverActions]]:
    """The loop as two processes have it."""
    made = [DeliverActions(each, settings) for each in (database, other_database)]
    yield made
    for loop in made:
        await loop.close()


async def notification(api: Api, receiver: Receiver, alerting: Json | None) -> Json:
    """Return an action that tells the receiver."""
    block = await new_block(api, "slack-webhook", {"url": receiver.url})
    return {
        "type": "send-notification", "block_document_id": block["id"], "subject": "It failed",
        "body": "Look at {{ event.resource.name }}.", "alerting": alerting,
    }  # fmt: skip


async def test_two_hundred_failures_are_one_message_with_a_counter(
    client: Api, database: Database, receiver: Receiver, clock: DrivenClock, loops: list[DeliverActions]
) -> None:
    action = await notification(client, receiver, {"group_by": "deployment", "group_within": 60})
    automation, deployment = await new_automation(client, action), await new_deployment(client)
    for number in range(200):
        await fails(database, automation, deployment, f"run-{number}")
    waiting = await work(loops, client, automation)
    assert not receiver.received
    assert sorted(each["state"] for each in waiting) == ["folded"] * 199 + ["pending"]
    (carrier,) = (each for each in waiting if each["state"] == "pending")
    assert {each["result"]["told_by"] for each in waiting if each["state"] == "folded"} == {carrier["id"]}
    assert carrier["attempts"] == 0

    clock.forward(61)
    done = await work(loops, client, automation)
    assert {each["state"] for each in done} == {"folded", "delivered"}
    (text,) = texts(receiver)
    head, lead = text.split("\n")[:2]
    assert head == "*It failed (200 times)*"
    assert lead.startswith(f"200 runs (Failed) of deployment '{deployment['name']}' from ")
    assert "and 180 more" in text


async def test_a_message_that_is_refused_is_told_again_with_its_counter(
    client: Api, database: Database, receiver: Receiver, clock: DrivenClock, loops: list[DeliverActions]
) -> None:
    receiver.answers.append(web.Response(status=503))
    action = await notification(client, receiver, {"group_by": "deployment", "group_within": 1})
    automation, deployment = await new_automation(client, action), await new_deployment(client)
    for _ in range(3):
        await fails(database, automation, deployment)
    await work(loops, client, automation)
    clock.forward(2)
    await work(loops, client, automation)
    await fails(database, automation, deployment)
    clock.forward(10)
    await work(loops, client, automation)
    first, second = texts(receiver)[:2]
    assert first == second
    assert "It failed (3 times)" in first


async def test_a_process_that_dies_with_a_message_leaves_it_to_a_person_who_sends_it_with_its_counter(
    client: Api, database: Database, services: Services, receiver: Receiver, clock: DrivenClock,
    loops: list[DeliverActions],
) -> None:  # fmt: skip
    action = await notification(client, receiver, {"group_by": "deployment", "group_within": 1})
    automation, deployment = await new_automation(client, action), await new_deployment(client)
    for _ in range(3):
        await fails(database, automation, deployment)
    (carrier,) = (each for each in await work(loops, client, automation) if each["state"] == "pending")
    clock.forward(2)

    async def claim(tx: Transaction) -> None:
        assert await doing.claim(tx, UUID(carrier["id"]), timedelta(seconds=5), lambda: services.keys) is not None

    await database.write(claim)
    clock.forward(6)
    lost = next(each for each in await work(loops, client, automation) if each["id"] == carrier["id"])
    assert (lost["state"], receiver.received) == ("failed", [])
    await fails(database, automation, deployment)
    await client.post(f"/automations/deliveries/{carrier['id']}/send_again")
    await work(loops, client, automation)
    (text,) = texts(receiver)
    assert "It failed (3 times)" in text


async def test_quiet_hours_hold_until_their_end(
    client: Api, database: Database, receiver: Receiver, clock: DrivenClock, loops: list[DeliverActions]
) -> None:
    clock.now = datetime(2030, 6, 3, 23, tzinfo=UTC)
    quiet = {"quiet_hours": {"start": "22:00", "end": "07:00", "timezone": "Europe/Berlin"}}
    automation = await new_automation(client, await notification(client, receiver, quiet))
    deployment = await new_deployment(client)
    for _ in range(2):
        await fails(database, automation, deployment)
    await work(loops, client, automation)
    clock.now = datetime(2030, 6, 4, 4, 59, tzinfo=UTC)
    await work(loops, client, automation)
    assert not receiver.received
    clock.now = datetime(2030, 6, 4, 5, 0, tzinfo=UTC)
    await work(loops, client, automation)
    await fails(database, automation, deployment)
    await work(loops, client, automation)
    morning, day = texts(receiver)
    assert "It failed (2 times)" in morning
    assert day == "*It failed*\nLook at grumpy-cat."


async def test_a_digest_is_one_mail(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    clock.now = datetime(2030, 6, 3, 12, tzinfo=UTC)
    async with mail_server() as box:
        mailing = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_tls": "none", "smtp_sender": "o@example.com"}
        with_mail = settings.model_copy(update=mailing)
        loops = [DeliverActions(each, with_mail) for each in (database, other_database)]
        automation = await new_automation(client, {
            "type": "send-email-notification", "emails": ["ops@example.com"], "subject": "Failures", "body": "b",
            "alerting": {"digest": {"every": "day"}},
        })  # fmt: skip
        first, second = await new_deployment(client, name="import"), await new_deployment(client, name="export")
        for deployment in (first, first, second):
            await fails(database, automation, deployment)
        await work(loops, client, automation)
        assert not box.mails
        clock.now = datetime(2030, 6, 4, 8, tzinfo=UTC)
        await work(loops, client, automation)
    (mail,) = box.mails
    assert mail["Subject"] == "Failures (3 times)"
    text = mail.get_body(("plain",))
    assert text is not None
    assert f"- 'grumpy-cat' of deployment '{first['name']}': Failed (2 times)" in text.get_content()
    assert f"- 'grumpy-cat' of deployment '{second['name']}': Failed" in text.get_content()


async def test_who_was_told_is_told_once_that_it_is_over(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, receiver: Receiver,
    clock: DrivenClock, loops: list[DeliverActions],
) -> None:  # fmt: skip
    alerting = {"group_by": "deployment", "group_within": 1, "notify_resolved": True}
    automation = await new_automation(client, await notification(client, receiver, alerting))
    deployment = await new_deployment(client, name='{{ 7 * 7 }} "\\🚀')
    other = await new_deployment(client)
    watching = twice(TellResolved, [database, other_database], settings)
    for _ in range(2):
        await fails(database, automation, deployment)
        await work(loops, client, automation)
        clock.forward(2)
        await work(loops, client, automation)
    await completes(client, other)
    await tick_all(watching)
    await work(loops, client, automation)
    assert len(receiver.received) == 2

    clock.forward(5)
    await completes(client, deployment)
    clock.forward(1)
    await tick_all(watching)
    await tick_all(watching)
    await work(loops, client, automation)
    subject, body = texts(receiver)[2].split("\n")
    assert subject == "*Resolved: It failed*"
    assert body.startswith("A run of deployment '{{ 7 * 7 }} \"\\🚀' has completed.")
    assert len(receiver.received) == 3
    assert len(await deliveries_of(client, automation)) == 3


async def completes(api: Api, deployment: Json) -> None:
    """Let a run of a deployment complete."""
    run = await new_run(api, deployment_id=deployment["id"], flow_id=deployment["flow_id"])
    assert (await move(api, run, "COMPLETED"))["status"] == "ACCEPT"
