"""The bounded pool of Postgres connections: how many there are, who waits, and which are not used again."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

import pytest
from sqlalchemy import Integer, func, select, text

from ostinato_core.db.engine import open_postgres, parse_url
from ostinato_core.db.postgres import PostgresDatabase
from ostinato_core.db.prepared import prepare
from ostinato_core.errors import Unavailable
from ostinato_core.transaction import Transaction
from tests.support.ports import wait_until
from tests.support.postgres import Postgres

BACKEND = text("SELECT pg_backend_pid() AS pid")
PREPARED_BACKEND = prepare(select(func.pg_backend_pid(type_=Integer).label("pid")))
ASLEEP = text("SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
KEPT = 2
TERMINATE = b"X\0\0\0\4"
"""The message of Postgres's protocol with which a client leaves."""


@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[PostgresDatabase]:
    """A database with two connections, for one of which one waits a tenth of a second."""
    url = parse_url(postgres.create_database())
    engine = open_postgres(url, timeout=10, connection_timeout=5)
    opened = PostgresDatabase(engine, pool_size=KEPT, max_overflow=0, patience=0.1)
    yield opened
    await opened.close()


async def backend(tx: Transaction) -> int:
    """Return the process that serves both kinds of statements of a transaction."""
    pid = await tx.value(PREPARED_BACKEND)
    assert await tx.value(BACKEND) == pid
    return pid


async def settings_left(tx: Transaction) -> tuple[int, str]:
    """Leave a transaction's own setting behind; return the process and what it found."""
    found = await tx.value(text("SELECT coalesce(current_setting('ostinato.remnant', true), '') AS value"))
    await tx.run(text("SET LOCAL ostinato.remnant = 'over'"))
    return await backend(tx), found


async def test_a_connection_is_used_again_and_nothing_is_left_in_it(database: PostgresDatabase) -> None:
    one = await database.write(settings_left)
    assert await database.write(settings_left) == one
    assert await database.read(backend) == one[0]
    assert one[1] == ""


async def test_who_waits_too_long_for_a_connection_is_told_to_come_again(database: PostgresDatabase) -> None:
    ends, begun = asyncio.Event(), asyncio.Semaphore(0)

    async def hold(tx: Transaction) -> int:
        pid = await backend(tx)
        begun.release()
        await ends.wait()
        return pid

    holders = [asyncio.ensure_future(database.read(hold)) for _ in range(KEPT)]
    for _ in holders:
        await begun.acquire()
    with pytest.raises(Unavailable):
        await database.read(backend)
    ends.set()
    assert len({await holder for holder in holders}) == KEPT
    assert await database.read(backend) in {holder.result() for holder in holders}


async def test_a_failed_statement_spoils_neither_the_connection_nor_the_next_transaction(
    database: PostgresDatabase,
) -> None:
    pid = await database.read(backend)

    async def fail(tx: Transaction) -> None:
        await tx.run(text("CREATE TABLE left_behind (id int)"))
        await tx.run(text("SELECT 1 / 0"))

    with pytest.raises(Exception, match="neither stored nor compared"):
        await database.write(fail)
    assert await database.write(backend) == pid
    assert await database.read(lambda tx: tx.value(text("SELECT to_regclass('left_behind') AS name"))) is None


@pytest.mark.parametrize("writes", [True, False])
async def test_a_connection_on_which_a_statement_was_broken_off_is_not_used_again(
    database: PostgresDatabase, writes: bool
) -> None:
    used: list[int] = []

    async def wait_long(tx: Transaction) -> None:
        used.append(await backend(tx))
        if writes:
            await tx.run(text("SET LOCAL ostinato.remnant = 'begun'"))
        await tx.rows(prepare(select(func.pg_sleep(60).label("slept"))))

    waiting = asyncio.ensure_future(database.write(wait_long))

    while not await database.read(lambda tx: tx.value(ASLEEP)):  # noqa: ASYNC110 - Postgres tells nobody
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await database.read(backend) not in used


async def test_a_connection_that_the_server_closed_is_replaced(database: PostgresDatabase) -> None:
    pid = await database.read(backend)

    async def kill(connection_pid: int) -> None:
        await database.run_sync(
            lambda connection: connection.execute(text(f"SELECT pg_terminate_backend({connection_pid})")).all()
        )

    async def replaced() -> bool:
        with contextlib.suppress(Unavailable):  # the driver may hear of it only when it asks
            return await database.read(backend) != pid
        return False

    await kill(pid)
    await wait_until(replaced, what="another connection")


@contextlib.asynccontextmanager
async def deaf_relay(port: int) -> AsyncGenerator[int]:
    """Pass connections on to `port`, but not that the server has ended them; yield the port to connect to."""
    served: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
        answering = asyncio.create_task(answer(upstream_reader, writer))
        with contextlib.suppress(ConnectionError):
            while (data := await reader.read(65_536)) and data != TERMINATE:
                upstream_writer.write(data)
        upstream_writer.close()
        writer.close()
        await answering

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.add(asyncio.create_task(relay(reader, writer)))

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*served)


async def test_a_connection_is_replaced_whose_end_is_not_heard(postgres: Postgres) -> None:
    url = parse_url(postgres.create_database())
    async with deaf_relay(postgres.port) as port:
        engine = open_postgres(url.set(port=port), timeout=10, connection_timeout=5)
        database = PostgresDatabase(engine, pool_size=1, max_overflow=0, patience=0.1)
        pid = await database.read(backend)
        ended = text(f"SELECT pg_terminate_backend({pid}, 10000)")
        await database.run_sync(lambda connection: connection.execute(ended).all())
        with pytest.raises(Unavailable):
            await database.read(backend)
        assert await database.read(backend) != pid
        await database.close()


async def test_who_leaves_while_a_connection_is_opened_leaves_none_behind(postgres: Postgres) -> None:
    url = parse_url(postgres.create_database())
    watcher = PostgresDatabase(
        open_postgres(url, timeout=10, connection_timeout=5), pool_size=1, max_overflow=0, patience=5
    )

    async def others(tx: Transaction) -> int:
        counted = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return await tx.value(text(counted))

    for steps in range(0, 1000, 25):
        leaving = PostgresDatabase(
            open_postgres(url, timeout=10, connection_timeout=5), pool_size=1, max_overflow=0, patience=5
        )
        reading = asyncio.create_task(leaving.read(backend))
        for _ in range(steps):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await leaving.close()
    try:

        async def are_gone() -> bool:
            return await watcher.read(others) == 0

        await wait_until(are_gone, what="connections that nobody holds")
    finally:
        await watcher.close()
