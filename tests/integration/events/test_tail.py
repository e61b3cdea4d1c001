"""The log's tail: every subscriber sees each event once, however slow he is and however writers overlap."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest

from ostinato_api.deps import Services
from ostinato_core.coordination import EVENTS, wake_ups
from ostinato_core.events import outbox, tail
from ostinato_core.events.stored import StoredEvent
from ostinato_core.events.tail import Subscription
from ostinato_core.ids import new_id
from ostinato_core.transaction import Transaction
from tests.support.events import parsed, plain_event
from tests.support.ports import wait_until


def named(name: str) -> tail.Predicate:
    return lambda event: event.event == name


async def take(subscription: Subscription, number: int) -> list[StoredEvent]:
    async with asyncio.timeout(20):
        return [await anext(subscription) for _ in range(number)]


async def write(services: Services, *sent: dict[str, Any]) -> list[UUID]:
    await services.ingestor.submit(parsed(*sent))
    return [UUID(each["id"]) for each in sent]


async def test_a_subscriber_sees_what_is_stored_afterwards_in_order(services: Services) -> None:
    name = f"n.{new_id()}"
    await write(services, plain_event(name))
    async with services.tail.subscribe(named(name)) as subscription:
        # Random ids: their order says nothing of that of arrival.
        ids = await write(services, *(plain_event(name, id=str(uuid4())) for _ in range(50)))
        await write(services, plain_event("other"))
        ids += await write(services, plain_event(name))
        assert [event.id for event in await take(subscription, 51)] == ids


async def test_an_event_of_the_server_itself_wakes_subscribers(services: Services) -> None:
    name = f"n.{new_id()}"

    async def change(tx: Transaction) -> None:
        await outbox.record(tx, {"event": name, "resource": {"prefect.resource.id": "x"}, "payload": {"n": 1}})

    async with services.tail.subscribe(named(name)) as subscription:
        await services.database.write(change)
        (event,) = await take(subscription, 1)
    assert (event.resource, event.payload, event.related) == ({"prefect.resource.id": "x"}, {"n": 1}, [])


async def test_events_of_a_change_that_is_rolled_back_are_never_told(services: Services) -> None:
    name = f"n.{new_id()}"

    async def failing(tx: Transaction) -> None:
        await outbox.record(tx, {"event": name, "resource": {"prefect.resource.id": "undone"}})
        raise ValueError("changed its mind")

    async with services.tail.subscribe(named(name)) as subscription:
        with pytest.raises(ValueError, match="changed its mind"):
            await services.database.write(failing)
        (kept,) = await write(services, plain_event(name))
        assert [event.id for event in await take(subscription, 1)] == [kept]


async def test_a_slow_subscriber_misses_nothing_and_holds_no_more_than_his_buffer(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "BUFFER", 20)
    monkeypatch.setattr(tail, "PAGE", 30)
    name = f"n.{new_id()}"
    async with services.tail.subscribe(named(name)) as slow, services.tail.subscribe(named(name)) as quick:
        ids = await write(services, plain_event(name))
        await take(slow, 1)
        for _ in range(10):
            ids += await write(services, *(plain_event(name) for _ in range(20)))
        assert [event.id for event in await take(quick, 201)] == ids
        # The quick one has seen all, so the tail has offered all to the slow one.
        ids += await write(services, plain_event(name))
        assert [event.id for event in await take(slow, 201)] == ids[1:]


async def test_overlapping_writers_leave_no_gap(services: Services) -> None:
    name = f"n.{new_id()}"
    ids: list[UUID] = []

    async def writer(number: int) -> None:
        for _ in range(15):
            mine = [new_id() for _ in range(number % 3 + 1)]
            ids.extend(mine)

            async def change(tx: Transaction, mine: list[UUID] = mine) -> None:
                for id in mine:
                    await outbox.record(tx, {"event": name, "resource": {"prefect.resource.id": "x"}, "id": id})

            await services.database.write(change)

    async with services.tail.subscribe(named(name)) as subscription:
        await asyncio.gather(*(writer(number) for number in range(6)))
        seen = await take(subscription, len(ids))
    assert Counter(event.id for event in seen) == Counter(ids)


async def test_it_asks_the_database_nothing_while_nobody_listens(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    lookup = services.database.lookup

    async def counted(operation: Any, **keywords: Any) -> Any:  # Any: stands for a generic method
        nonlocal asked
        asked += 1
        return await lookup(operation, **keywords)

    monkeypatch.setattr(services.database, "lookup", counted)
    name = f"n.{new_id()}"
    async with services.tail.subscribe(named(name)) as subscription:
        await write(services, plain_event(name))
        await take(subscription, 1)
    wake_ups().notify(EVENTS)

    async def at_rest() -> bool:
        before = asked
        for _ in range(5):
            wake_ups().notify(EVENTS)
            await asyncio.sleep(0.03)
        return asked == before

    assert asked > 0
    await wait_until(at_rest, seconds=5, what="the tail being at rest")
