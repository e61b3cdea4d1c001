"""The status endpoint of a task worker: `GET /status` tells what it does, `GET /health` that it lives."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from ostinato.utilities.probes import health, probe_server

if TYPE_CHECKING:
    from ostinato.task_workers.worker import TaskWorker

EVERYWHERE = "0.0.0.0"  # noqa: S104 - probes come from outside


@asynccontextmanager
async def status_server(worker: TaskWorker, port: int) -> AsyncGenerator[int]:
    """Serve the endpoint within the block; yields the port. Raises OSError if it is taken."""

    answers = {
        ("GET", "/status"): lambda: (HTTPStatus.OK, worker.status()),
        ("GET", "/health"): lambda: health(True, "Task worker"),
    }
    async with probe_server(answers, EVERYWHERE, port) as bound:
        yield bound
