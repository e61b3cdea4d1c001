"""Evaluating the log in this process: several at a time, time that passes, and what is kept meanwhile."""

import asyncio
from collections import Counter
from functools import partial

import pytest
from sqlalchemy import func, select

from ostinato_core.automations.triggers import store
from ostinato_core.automations.triggers.evaluator import ATTEMPTS, Evaluator
from ostinato_core.automations.triggers.index import TriggerIndex
from ostinato_core.db.tables import trigger_buckets, trigger_cursors, trigger_firings, trigger_followers
from ostinato_core.errors import Unavailable
from ostinato_core.events.stored import StoredEvent
from ostinato_core.liveness.ingest_watch import tell_alive
from ostinato_core.maintenance.listening import hear_again
from ostinato_core.transaction import Database, Transaction
from tests.integration.automations.scene import PATIENCE, causes, event, name, new_automation, send, trigger
from tests.support.client import Api
from tests.support.clock import DrivenClock

pytestmark = pytest.mark.usefixtures("tidy")

EVENTS, CHUNK = 600, 40


@pytest.fixture
async def evaluator(clock: DrivenClock, database: Database) -> Evaluator:
    """One who evaluates, in a process that takes events in; by the test's clock."""
    await database.write(tell_alive)
    return Evaluator(database)


async def evaluate(evaluator: Evaluator) -> int:
    """Evaluate all that there is; return how many automations fired."""
    fired = 0
    while True:
        done = await evaluator.evaluate()
        fired += sum(each.fired for each in done)
        if not any(each.events for each in done):
            return fired


async def pass_time(database: Database, clock: DrivenClock, seconds: float) -> None:
    """Let time pass in which events could be taken in."""
    for _ in range(int(seconds)):
        clock.forward(1)
        await database.write(tell_alive)


async def stored(database: Database) -> list[int]:
    """Return how many buckets, firings of children and waiting events there are."""

    async def operation(tx: Transaction) -> list[int]:
        tables = (trigger_buckets, trigger_firings, trigger_followers)
        return [await tx.value(select(func.count()).select_from(table)) for table in tables]

    return await database.read(operation)


async def test_each_event_is_evaluated_once_however_many_do_it(client: Api, replicas: list[Database]) -> None:
    expected, sequel = name(), name()
    each_fires = await new_automation(client, trigger(expected))
    pairs = await new_automation(client, trigger(expected, threshold=2))
    both = await new_automation(
        client, {"type": "sequence", "within": None, "triggers": [trigger(expected), trigger(sequel)]}
    )
    sent = [event(expected) for _ in range(EVENTS)]
    is_over = asyncio.Event()

    async def go_on(database: Database) -> None:
        evaluator = Evaluator(database)
        while not is_over.is_set() or any(each.events for each in await evaluator.evaluate()):
            await evaluator.evaluate()
            await asyncio.sleep(0)

    running = [asyncio.create_task(go_on(each)) for each in replicas]
    for start in range(0, EVENTS, CHUNK):
        await send(client, *sent[start : start + CHUNK])
        await send(client, event(sequel))
    is_over.set()
    await asyncio.gather(*running)

    fired = await causes(client, each_fires)
    assert fired == Counter(each["id"] for each in sent)
    assert sum((await causes(client, pairs)).values()) == EVENTS // 2
    assert sum((await causes(client, both)).values()) == EVENTS // CHUNK


async def test_absence_is_told_once_and_by_whoever_looks_first(
    client: Api, database: Database, replicas: list[Database], clock: DrivenClock
) -> None:
    started, ended = name(), name()
    wanted = trigger(ended, after=[started], for_each=["prefect.resource.id"], posture="Proactive", within=10)
    automation = await new_automation(client, wanted)
    await database.write(tell_alive)
    await evaluate(Evaluator(database))
    cause = event(started, "a", at=0)
    await send(client, cause, event(started, "b"), event(ended, "b"))
    await pass_time(database, clock, 8)
    # Another process goes on from where this one was.
    assert await evaluate(Evaluator(replicas[0])) == 0
    await pass_time(database, clock, 4)
    done = await asyncio.gather(*(Evaluator(each).evaluate() for each in replicas))
    assert sum(each.fired for found in done for each in found) == 1
    assert await causes(client, automation) == {cause["id"]: 1}
    await pass_time(database, clock, 30)
    assert await evaluate(Evaluator(replicas[0])) == 0


async def test_an_event_that_is_read_late_was_not_absent(
    client: Api, database: Database, evaluator: Evaluator, clock: DrivenClock
) -> None:
    expected = name()
    await new_automation(client, trigger(expected, posture="Proactive", within=10))
    await evaluate(evaluator)
    await pass_time(database, clock, 8)
    await send(client, event(expected))
    await pass_time(database, clock, 9)
    assert await evaluate(evaluator) == 0
    await pass_time(database, clock, 3)
    assert await evaluate(evaluator) == 1


async def test_silence_does_not_count_where_nobody_could_be_heard(
    client: Api, database: Database, evaluator: Evaluator, clock: DrivenClock
) -> None:
    await new_automation(client, trigger(name(), posture="Proactive", within=20))
    await evaluate(evaluator)
    clock.forward(100)
    assert await evaluate(evaluator) == 0
    await database.write(tell_alive)
    await pass_time(database, clock, 18)
    assert await evaluate(evaluator) == 0
    await pass_time(database, clock, 3)
    assert await evaluate(evaluator) == 1
    await pass_time(database, clock, 10)
    await database.write(partial(hear_again, since=clock.now, retry_after=1.0))
    await pass_time(database, clock, 12)
    assert await evaluate(evaluator) == 0
    await pass_time(database, clock, 10)
    assert await evaluate(evaluator) == 1


async def test_nothing_is_kept_that_is_of_no_use_any_more(
    client: Api, database: Database, evaluator: Evaluator, clock: DrivenClock
) -> None:
    expected, other = name(), name()
    counting = await new_automation(client, trigger(expected, threshold=5, within=30))
    pair = {"type": "compound", "require": "all", "within": 60, "triggers": [trigger(expected), trigger(other)]}
    compound = await new_automation(client, pair)
    await evaluate(evaluator)
    await send(client, event(expected), event(expected, follows=event(expected)["id"]))
    await evaluate(evaluator)
    assert await stored(database) == [1, 1, 1]

    await pass_time(database, clock, 95)
    await evaluate(evaluator)
    assert await stored(database) == [0, 1, 1]
    assert (await client.delete(f"/automations/{compound['id']}")).status == 204
    assert await stored(database) == [0, 0, 1]
    clock.forward(900)
    await evaluate(evaluator)
    assert await stored(database) == [0, 0, 0]
    await send(client, event(expected))
    await evaluate(evaluator)
    assert await stored(database) == [1, 0, 0]
    await client.request("PATCH", f"/automations/{counting['id']}", {"enabled": False})
    assert await stored(database) == [0, 0, 0]


async def test_those_that_have_waited_long_enough_are_not_all_evaluated_at_once(
    client: Api, evaluator: Evaluator, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = name()
    await new_automation(client, trigger(expected))
    await evaluate(evaluator)
    await send(client, *(event(expected, follows=event(expected)["id"]) for _ in range(5)))
    assert await evaluate(evaluator) == 0
    monkeypatch.setattr(store, "OVER", 2)
    clock.forward(901)
    fired = [sum(each.fired for each in await evaluator.evaluate()) for _ in range(4)]
    assert fired == [2, 2, 1, 0]


async def test_the_log_is_not_read_while_no_automation_is_enabled(client: Api, database: Database) -> None:
    expected = name()
    automation = await new_automation(client, trigger(expected))
    await client.request("PATCH", f"/automations/{automation['id']}", {"enabled": False})
    evaluator = Evaluator(database)
    await evaluate(evaluator)

    async def is_idle(tx: Transaction) -> bool:
        return await tx.value(select(trigger_cursors.c.is_idle))

    assert await database.read(is_idle)
    await send(client, event(expected))
    assert await evaluator.evaluate() == []
    await client.request("PATCH", f"/automations/{automation['id']}", {"enabled": True})
    assert await evaluate(Evaluator(database)) == 0
    await send(client, event(expected))
    assert await evaluate(Evaluator(database)) == 1


async def test_automations_that_watch_each_other_end(client: Api, database: Database, evaluator: Evaluator) -> None:
    expected = name()
    for _ in range(3):
        await new_automation(client, trigger("prefect.automation.triggered"))
    await new_automation(client, trigger(expected))
    await send(client, event(expected))
    # One firing for each order in which some of them may have fired, one after the other: 3 + 3 * 2 + 3 * 2 * 1.
    async with asyncio.timeout(PATIENCE):
        assert await evaluate(evaluator) == 1 + 15


async def test_an_event_that_cannot_be_evaluated_keeps_no_other_from_it(
    client: Api, evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expected, poison = name(), event("poison")
    interested = TriggerIndex.interested

    def fails_on_poison(self: TriggerIndex, event: StoredEvent) -> object:
        if str(event.id) == poison["id"]:
            raise RuntimeError("nobody has foreseen this")
        return interested(self, event)

    monkeypatch.setattr(TriggerIndex, "interested", fails_on_poison)
    automation = await new_automation(client, trigger(expected))
    before, after = [event(expected) for _ in range(5)], [event(expected) for _ in range(7)]
    await send(client, *before, poison, *after)
    for _ in range(ATTEMPTS - 1):
        with pytest.raises(RuntimeError, match="foreseen"):
            await evaluate(evaluator)
    assert await causes(client, automation) == Counter(each["id"] for each in before)
    assert await evaluate(evaluator) == len(after)
    assert await causes(client, automation) == Counter(each["id"] for each in before + after)
    assert poison["id"] in caplog.text


async def test_no_event_is_passed_over_because_the_database_is_away(
    client: Api, evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = name()
    automation = await new_automation(client, trigger(expected))
    only = event(expected)
    await send(client, only)
    with monkeypatch.context() as patch:

        async def away(*_: object, **__: object) -> None:
            raise Unavailable

        patch.setattr(store, "save", away)
        for _ in range(2 * ATTEMPTS):
            with pytest.raises(Unavailable):
                await evaluate(evaluator)
    assert await evaluate(evaluator) == 1
    assert await causes(client, automation) == Counter([only["id"]])
