"""The one process: it migrates, serves the API, and stops cleanly."""

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop
from aiohttp import web

from ostinato_api.app import create_app
from ostinato_api.services import open_services, serving
from ostinato_core.encryption.source import ensure_key_file
from ostinato_core.json_log import configure_logging
from ostinato_core.memory import settle
from ostinato_core.settings import ServerSettings
from ostinato_migrator.migrate import upgrade, upgrade_connection
from ostinato_scheduler.loop import Record, running
from ostinato_scheduler.loops import enabled_loops

if TYPE_CHECKING:
    from prometheus_client.core import Metric

STOP_WITHIN = 1.0
"""Seconds that requests under way get to finish; then their connections are closed."""

SCHEMA_WITHIN = 5.0
"""Seconds for which a server that does not migrate itself waits for the schema that it needs."""

UI = Path(__file__).parent / "ui"
"""The built web UI: part of the distribution, and made by `make ui` in a source tree."""

logger = logging.getLogger("ostinato.server")


class StartError(Exception):
    """The server cannot start; the message says in one line why, and what to do."""


def run(settings: ServerSettings, *, services: bool = True, announce: Callable[[], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM: the API, and with `services` the background loops.

    `announce` is called once requests are answered.

    Errors: StartError where the port is taken or the address is not one of this machine; a fact of the database where
    it cannot be opened or brought up to date. Each says in one line what to do.
    """
    configure_logging(settings.logging_level)
    listener = bind(settings.api_host, settings.api_port)
    ensure_key_file(settings)
    if settings.database_migrate_on_start:
        upgrade(settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listener, announce, with_loops=services))


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address. Errors: StartError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise StartError(
            f"{host!r} is not an address of this machine: choose another with --host or OSTINATO_SERVER_API_HOST."
        ) from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise StartError(_why_not_bound(error, host, port)) from error
    return listener


def _why_not_bound(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken: stop what listens there (`ostinato server stop` if it is a server in "
            "the background), or choose another with --port or OSTINATO_SERVER_API_PORT."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than this user has: choose one above 1023 with --port."
    return f"Cannot listen on {host}:{port} ({error.strerror}): choose another address with --host."


async def _serve(
    settings: ServerSettings, listener: socket.socket, announce: Callable[[], None] | None, *, with_loops: bool
) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(open_services(settings))
        if settings.database_migrate_on_start:
            # What `upgrade` has done already, but for a database in memory: that lives on the server's connection.
            await services.database.run_sync(upgrade_connection)
        await stack.enter_async_context(serving(services, schema_within=SCHEMA_WITHIN))
        records: Sequence[Record] = ()
        if with_loops:
            records = await stack.enter_async_context(running(enabled_loops(services.database, settings), settings))
        runner = web.AppRunner(
            create_app(services, [lambda: _loop_metrics(records)] if records else (), UI),
            access_log=None,
            keepalive_timeout=settings.api_keepalive_timeout,
            shutdown_timeout=STOP_WITHIN,
            handle_signals=False,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listener, backlog=1024).start()
        settle()
        if announce is not None:
            announce()
        await stopped.wait()


def _loop_metrics(records: Sequence[Record]) -> "Iterable[Metric]":
    # Only here: the library takes memory that a server without metrics can do without.
    from ostinato_scheduler.metrics import loop_metrics

    return loop_metrics(records)
