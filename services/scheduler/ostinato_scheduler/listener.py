"""How loops fare, told over HTTP: `/health`, `/ready` and `/metrics`."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from aiohttp import web
from sqlalchemy import literal, select

from ostinato_core.errors import Fact, Unavailable
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database, Transaction
from ostinato_core.work_pools.load import load_of_pools
from ostinato_scheduler.health import not_ready, stuck
from ostinato_scheduler.loop import Record
from ostinato_scheduler.metrics import CONTENT_TYPE, exposition

T = TypeVar("T")

DATABASE_WITHIN: Final = 2.0
"""Seconds in which the database has to answer to be there."""
STOP_WITHIN: Final = 0.5
"""Seconds that answers under way get to finish."""


@asynccontextmanager
async def listening(records: Sequence[Record], database: Database, settings: ServerSettings) -> AsyncGenerator[None]:
    """Answer while the block lasts, if the settings name a port. Errors: Unavailable where it is taken."""
    if settings.health_port is None:
        yield
        return
    app = create_app(records, database)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=STOP_WITHIN)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.health_host, settings.health_port)
        try:
            await site.start()
        except OSError as error:
            raise Unavailable(
                f"Cannot listen on {settings.health_host}:{settings.health_port} ({error.strerror}): choose another "
                "port with OSTINATO_SERVICES_HEALTH_PORT."
            ) from error
        yield
    finally:
        await runner.cleanup()


def create_app(records: Sequence[Record], database: Database) -> web.Application:
    """Return the application that tells of these loops."""

    async def health(request: web.Request) -> web.Response:
        return _told("stuck", stuck(records, time.monotonic()))

    async def ready(request: web.Request) -> web.Response:
        if not await _in_time(database.lookup(_ask)):
            return web.json_response({"message": "Database is not available"}, status=503)
        return _told("failing", [*stuck(records, time.monotonic()), *not_ready(records)])

    async def metrics(request: web.Request) -> web.Response:
        # Where the database is away, what the loops say of that is told all the same.
        pools = await _in_time(database.read(load_of_pools)) or ()
        return web.Response(body=exposition(records, pools), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    for path, handler in (("/health", health), ("/ready", ready), ("/metrics", metrics)):
        app.router.add_get(path, handler)
    return app


def _told(member: str, loops: Iterable[tuple[str, str]]) -> web.Response:
    """Return 200, or 503 with the loops that are not well and why."""
    found = dict(loops)
    if not found:
        return web.json_response({"message": "OK"})
    return web.json_response({"message": "Not all loops are well", member: found}, status=503)


async def _in_time(answer: Awaitable[T]) -> T | None:
    """Return the answer of the database, None where it does not come in time."""
    try:
        async with asyncio.timeout(DATABASE_WITHIN):
            return await answer
    except (Fact, TimeoutError):
        return None


async def _ask(tx: Transaction) -> bool:
    return await tx.value(select(literal(1))) == 1
