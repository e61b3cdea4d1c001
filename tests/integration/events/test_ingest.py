"""Taking events in while the database is away, and when the server stops."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from ostinato_api.deps import Services
from ostinato_core.db.tables import events, task_run_states, task_runs
from ostinato_core.errors import Unavailable
from ostinato_core.events import ingest
from ostinato_core.events.ingest import Ingestor
from ostinato_core.ids import new_id
from ostinato_core.transaction import Transaction
from tests.integration.events.conftest import MakeFlowRun
from tests.support.events import parsed, plain_event, task_run_event


async def is_stored(services: Services, event: dict[str, Any]) -> bool:  # Any: JSON
    query = select(events.c.id).where(events.c.id == UUID(event["id"]))
    return await services.database.lookup(lambda tx: tx.first(query)) is not None


@pytest.fixture
def away(services: Services, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """Errors that the database raises before it works again; there is no pause between attempts."""
    errors: list[Exception] = []
    write = services.database.write

    async def failing(operation: Any, **keywords: Any) -> Any:  # Any: stands for a generic method
        if errors:
            raise errors.pop()
        return await write(operation, **keywords)

    monkeypatch.setattr(services.database, "write", failing)
    monkeypatch.setattr(ingest, "RETRIES", (0.0, 0.0))
    return errors


async def test_a_database_that_comes_back_gets_the_events(services: Services, away: list[Exception]) -> None:
    away += [Unavailable(), Unavailable()]
    event = plain_event()
    await services.ingestor.submit(parsed(event))
    assert await is_stored(services, event)


async def test_who_brought_events_hears_that_they_are_not_stored(services: Services, away: list[Exception]) -> None:
    away += [Unavailable()] * 3
    lost, kept = plain_event(), plain_event()
    with pytest.raises(Unavailable):
        await services.ingestor.submit(parsed(lost))
    await services.ingestor.submit(parsed(kept))
    assert (await is_stored(services, lost), await is_stored(services, kept)) == (False, True)


async def test_an_error_that_nothing_foresaw_costs_one_batch(
    services: Services, away: list[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    away.append(RuntimeError("a mistake of ours"))
    with pytest.raises(Unavailable):
        await services.ingestor.submit(parsed(plain_event()))
    kept = plain_event()
    await services.ingestor.submit(parsed(kept))
    assert await is_stored(services, kept)
    assert "a mistake of ours" in caplog.text


async def test_one_who_gives_up_waiting_does_not_disturb_the_others_of_his_batch(services: Services) -> None:
    first, second = plain_event(), plain_event()
    impatient = asyncio.create_task(services.ingestor.submit(parsed(first)))
    patient = asyncio.create_task(services.ingestor.submit(parsed(second)))
    await asyncio.sleep(0)
    impatient.cancel()
    await patient
    assert await is_stored(services, first)


async def test_stopping_writes_what_was_taken_in_and_refuses_more(services: Services) -> None:
    ingestor = Ingestor(services.database)
    sent = [plain_event() for _ in range(5)]
    for event in parsed(*sent):
        ingestor.take(event)
    async with ingestor:
        pass
    assert all([await is_stored(services, event) for event in sent])
    with pytest.raises(Unavailable):
        await ingestor.submit(parsed(plain_event()))


async def test_servers_that_get_the_same_events_at_once_store_them_once(
    services: Services, make_flow_run: MakeFlowRun
) -> None:
    flow_run_id, ids = await make_flow_run(), [new_id() for _ in range(60)]
    sent = [
        task_run_event(flow_run_id, id, state, second, dynamic_key=str(id))
        for second, state in enumerate(("PENDING", "RUNNING", "COMPLETED"))
        for id in ids
    ]
    orders = [sent, sent[::-1], sent[90:] + sent[:90]]
    async with Ingestor(services.database) as first, Ingestor(services.database) as second:
        await asyncio.gather(
            *(
                ingestor.submit(parsed(*order[start : start + 30]))
                for start in range(0, len(sent), 30)
                for ingestor, order in zip((services.ingestor, first, second), orders, strict=True)
            )
        )

    async def totals(tx: Transaction) -> tuple[int, int, int]:
        runs = select(task_runs.c.id).where(task_runs.c.flow_run_id == flow_run_id)
        done = await tx.rows(runs.where(task_runs.c.state_type == "COMPLETED"))
        states = await tx.rows(select(task_run_states.c.id).where(task_run_states.c.task_run_id.in_(runs)))
        mine = events.c.id.in_([UUID(event["id"]) for event in sent])
        return len(done), len(states), len(await tx.rows(select(events.c.id).where(mine)))

    assert await services.database.read(totals) == (60, 180, 180)
