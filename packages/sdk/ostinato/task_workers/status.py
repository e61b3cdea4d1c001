"""The status endpoint of a task worker: `GET /status` tells what it does, `GET /health` that it lives."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import orjson

from ostinato.utilities.probes import Answer, probe_server

if TYPE_CHECKING:
    from ostinato.task_workers.worker import TaskWorker

EVERYWHERE = "0.0.0.0"  # noqa: S104 - probes come from outside


@asynccontextmanager
async def status_server(worker: TaskWorker, port: int) -> AsyncGenerator[int]:
    """Serve the endpoint within the block; yields the port. Raises OSError if it is taken."""

    def status() -> Answer:
        return "200 OK", orjson.dumps(worker.status())

    def health() -> Answer:
        return "200 OK", b'{"message":"OK"}'

    async with probe_server({b"/status": status, b"/health": health}, EVERYWHERE, port) as bound:
        yield bound
