"""The websockets: where each is found, and how all of them are closed when the server stops."""

import asyncio

from aiohttp import web

from ostinato_api.sockets import events_in, events_out, logs_out, task_subscriptions, worker_channel
from ostinato_api.sockets.handshake import SOCKET_HANDLERS, SOCKETS, Socket
from ostinato_api.sockets.worker_hub import HUB, Hub

SERVICE_RESTART = 1012
"""Clients take 1001 for an orderly end and would stop listening (websockets.md, section 8)."""


def add_to(app: web.Application, base_path: str) -> None:
    """Add the sockets to an application; they are closed when it shuts down."""
    app[SOCKETS] = set()
    app[HUB] = Hub()
    handlers = {
        "/events/in": events_in.serve,
        "/events/out": events_out.serve,
        "/logs/out": logs_out.serve,
        "/task_runs/subscriptions/scheduled": task_subscriptions.serve,
        "/work_pools/{work_pool_name}/workers/connect": worker_channel.serve,
    }
    for path, handler in handlers.items():
        app.router.add_get(base_path + path, handler)
    app[SOCKET_HANDLERS] = set(handlers.values())
    app.on_shutdown.append(_close_all)


async def _close_all(app: web.Application) -> None:
    await asyncio.gather(*(_close(socket) for socket in list(app[SOCKETS])), return_exceptions=True)


async def _close(socket: Socket) -> None:
    await socket.close(code=SERVICE_RESTART, message=b"The server is shutting down")
