"""A fault of the server itself: what it hits is tried later, and the rest goes on."""

from datetime import timedelta
from uuid import UUID

import pytest

from ostinato_core.automations.actions.own import Done, Job, Target
from ostinato_core.automations.deliveries import doing
from ostinato_core.automations.deliveries.backoff import Backoff
from ostinato_core.errors import Unavailable
from ostinato_core.outbound.outcome import Outcome, delivered, failed
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database, Transaction
from ostinato_scheduler.loops import deliver_actions
from ostinato_scheduler.loops.deliver_actions import DeliverActions
from tests.integration.actions.scene import deliver, deliveries_of, event, let_fire, new_automation
from tests.support.client import Api
from tests.support.clock import DrivenClock


async def test_a_fault_holds_up_only_what_it_hits(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill = await new_automation(client, {"type": "do-nothing"})
    well = await new_automation(client, {"type": "do-nothing"})
    for automation in (ill, well):
        await let_fire(database, automation, event())
    sound = doing.perform

    async def perform(tx: Transaction, job: Job, target: Target | None) -> Done:
        if job.occasion.automation["name"] == ill["name"]:
            raise RuntimeError("a fault")
        return await sound(tx, job, target)

    monkeypatch.setattr(doing, "perform", perform)
    loop = DeliverActions(database, settings)
    with pytest.raises(RuntimeError, match="a fault"):
        await loop.tick()
    assert [each["state"] for each in await deliveries_of(client, well)] == ["delivered"]
    (delivery,) = await deliveries_of(client, ill)
    assert (delivery["state"], delivery["attempts"]) == ("pending", 1)
    assert "its log tells why" in delivery["reason"]

    monkeypatch.undo()
    assert (await deliver(loop, client, ill))[0]["state"] == "pending"
    clock.forward(6)
    assert (await deliver(loop, client, ill))[0]["state"] == "delivered"


@pytest.mark.parametrize("error", [RuntimeError("a fault"), Unavailable()])
async def test_what_waits_for_a_delivery_that_is_put_off_keeps_no_others_from_being_done(
    client: Api,
    database: Database,
    settings: ServerSettings,
    clock: DrivenClock,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    ill = await new_automation(client, *[{"type": "do-nothing"}] * 3)
    well = await new_automation(client, {"type": "do-nothing"})
    await let_fire(database, ill, event())
    clock.forward(0.1)
    await let_fire(database, well, event())
    sound = doing.perform

    async def perform(tx: Transaction, job: Job, target: Target | None) -> Done:
        if job.occasion.automation["name"] == ill["name"]:
            raise error
        return await sound(tx, job, target)

    monkeypatch.setattr(doing, "perform", perform)
    monkeypatch.setattr(deliver_actions, "BATCH", 1)
    loop = DeliverActions(database, settings)
    for _ in range(2):
        try:
            await loop.tick()
        except RuntimeError as fault:
            assert fault is error  # noqa: PT017 - one of the two is told to the loop
    assert [each["state"] for each in await deliveries_of(client, well)] == ["delivered"]
    assert [each["state"] for each in await deliveries_of(client, ill)] == ["pending"] * 3

    monkeypatch.undo()
    clock.forward(6)
    assert [each["state"] for each in await deliver(loop, client, ill)] == ["delivered"] * 3


@pytest.mark.parametrize("outcome", [delivered(), failed("Busy.")])
async def test_what_was_given_up_stays_so_when_its_sender_wakes_up(
    client: Api, database: Database, clock: DrivenClock, outcome: Outcome
) -> None:
    mail = {"type": "send-email-notification", "subject": "s", "body": "b", "emails": ["ops@example.com"]}
    automation = await new_automation(client, mail)
    await let_fire(database, automation, event())
    (delivery,) = await deliveries_of(client, automation)
    id_ = UUID(delivery["id"])
    claimed = await database.write(lambda tx: doing.claim(tx, id_, timedelta(seconds=30), pytest.fail))
    assert claimed is not None
    clock.forward(31)
    assert await database.write(lambda tx: doing.give_up_lapsed(tx, id_))

    await database.write(lambda tx: doing.note(tx, claimed, outcome, Backoff(3, 1)))
    (delivery,) = await deliveries_of(client, automation)
    assert (delivery["state"], delivery["due"]) == ("failed", None)
