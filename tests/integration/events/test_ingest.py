"""Taking events in while the database is away, and when the server stops."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from ostinato_api.deps import Services
from ostinato_core.db.tables import events
from ostinato_core.errors import Unavailable
from ostinato_core.events import ingest
from ostinato_core.events.ingest import Ingestor
from tests.support.events import parsed, plain_event


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
