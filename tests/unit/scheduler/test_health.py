"""When loops count as stuck or as failing, and what is told of them over HTTP."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from ostinato_core.db.open import open_database
from ostinato_core.errors import Unavailable
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_migrator.migrate import upgrade
from ostinato_scheduler.health import not_ready, stuck
from ostinato_scheduler.listener import create_app, listening
from ostinato_scheduler.loop import Loop, Record, Work
from tests.support.ports import free_port


class Named:
    """A loop that is only looked at."""

    description = "Is looked at."

    def __init__(self, name: str, setting: str = "partitions") -> None:
        self.name = name
        self.setting = setting

    async def tick(self) -> Work:
        """Do nothing."""
        return Work()


def record(name: str = "a", *, every: float = 5.0, setting: str = "partitions") -> Record:
    """Return the record of a loop that is well."""
    # A protocol with a constructor asks for that constructor, too, though only made loops are handed over.
    loop: Loop = Named(name, setting)  # pyright: ignore[reportAssignmentType]
    return Record(loop, timedelta(seconds=every))


@pytest.mark.parametrize(
    ("every", "took", "is_stuck"),
    [(5.0, 59.0, False), (5.0, 61.0, True), (3600.0, 17_000.0, False), (3600.0, 18_001.0, True)],
)
def test_a_tick_may_take_a_minute_or_five_periods(every: float, took: float, is_stuck: bool) -> None:
    found = record(every=every)
    found.began = 100.0
    assert bool(dict(stuck([found], 100.0 + took))) is is_stuck


async def test_a_loop_that_has_ended_is_stuck() -> None:
    found, well = record("dead"), record("well")
    found.task = asyncio.create_task(asyncio.sleep(0))
    await found.task
    assert dict(stuck([found, well], time.monotonic())) == {"dead": "it has ended"}


def test_a_loop_is_not_ready_after_three_failures_in_a_row() -> None:
    found = record()
    found.failed_in_a_row = 2
    assert not dict(not_ready([found]))
    found.failed_in_a_row = 3
    assert dict(not_ready([found])) == {"a": "its last 3 ticks failed"}


def test_a_loop_that_comes_seldom_is_not_ready_after_two() -> None:
    found = record("enforce-retention", every=3600.0)
    found.failed_in_a_row = 1
    assert not dict(not_ready([found]))
    found.failed_in_a_row = 2
    assert dict(not_ready([found])) == {"enforce-retention": "its last 2 ticks failed"}


def test_only_the_lag_of_the_scheduler_counts() -> None:
    late, other = record("create-scheduled-runs", setting="scheduler"), record("retention", setting="retention")
    late.lag = other.lag = 61.0
    assert dict(not_ready([late, other])) == {"create-scheduled-runs": "it lags 61 s behind"}
    late.lag = 60.0
    assert not dict(not_ready([late]))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database that answers."""
    settings = ServerSettings(home=tmp_path)
    await asyncio.to_thread(upgrade, settings)
    opened = open_database(settings)
    yield opened
    await opened.close()


Get = Callable[[str], Awaitable[tuple[int, str]]]


@asynccontextmanager
async def told_by(records: list[Record], database: Database) -> AsyncGenerator[Get]:
    """Serve what is told of loops; asks for a path and returns status and text."""
    async with TestServer(create_app(records, database)) as server, aiohttp.ClientSession() as session:

        async def get(path: str) -> tuple[int, str]:
            async with session.get(server.make_url(path)) as answer:
                return answer.status, await answer.text()

        yield get


async def test_health_and_readiness_over_http(database: Database) -> None:
    found = record("mark-late-runs")
    async with told_by([found], database) as get:
        assert await get("/health") == (200, '{"message": "OK"}')
        assert (await get("/ready"))[0] == 200
        found.failed_in_a_row = 3
        assert (await get("/health"))[0] == 200
        status, text = await get("/ready")
        assert (status, "mark-late-runs" in text) == (503, True)
        found.failed_in_a_row = 0
        found.began = time.monotonic() - 3600
        for path in ("/health", "/ready"):
            status, text = await get(path)
            assert (status, "mark-late-runs" in text) == (503, True)


async def test_without_its_database_it_is_healthy_but_not_ready(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable

    monkeypatch.setattr(database, "lookup", away)
    async with told_by([record()], database) as get:
        assert (await get("/health"))[0] == 200
        assert await get("/ready") == (503, '{"message": "Database is not available"}')


async def test_metrics_are_told_by_the_name_of_the_loop(database: Database) -> None:
    found = record("foreman")
    found.ticks, found.failures, found.done, found.lag = 7, 2, 40, 1.5
    found.ended = time.monotonic() - 100
    async with told_by([found], database) as get:
        status, text = await get("/metrics")
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    age = float(values.pop('ostinato_loop_last_tick_age_seconds{loop="foreman"}'))
    assert status == 200
    assert 100 <= age < 130
    assert values == {
        'ostinato_loop_ticks_total{loop="foreman"}': "7.0",
        'ostinato_loop_failures_total{loop="foreman"}': "2.0",
        'ostinato_loop_work_total{loop="foreman"}': "40.0",
        'ostinato_loop_lag_seconds{loop="foreman"}': "1.5",
    }


async def test_a_taken_port_is_told_with_what_to_do(database: Database) -> None:
    settings = ServerSettings.model_validate({"health_port": free_port()})
    async with listening([], database, settings):
        with pytest.raises(Unavailable, match="OSTINATO_SERVICES_HEALTH_PORT"):
            async with listening([], database, settings):
                raise AssertionError("two listen on one port")
