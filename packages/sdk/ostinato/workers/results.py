"""What a worker's `run` tells: where its infrastructure is, and how it ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True)
class BaseWorkerResult:
    """How the infrastructure of a run ended, and why, if it is known.

    `was_told`: the server knows already how the run did.
    """

    status_code: int
    identifier: str
    was_told: bool = False
    reason: str | None = None

    def __bool__(self) -> bool:
        return self.status_code == 0


class TaskStatus:
    """Given to `run`, which calls `started` once with what identifies its infrastructure."""

    def __init__(self) -> None:
        self._started: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def started(self, identifier: object) -> None:
        """Tell that the infrastructure exists; the server learns its identifier."""
        if not self._started.done():
            self._started.set_result(str(identifier))

    async def identifier(self) -> str:
        """Wait for the identifier."""
        return await asyncio.shield(self._started)
