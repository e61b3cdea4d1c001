"""The runs that a runner or a worker is looking after: one task each."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any
from uuid import UUID


class RunTasks:
    """Holds a task for each run until it ends; the error of one that fails goes to `logger`, as that of a `kind`."""

    def __init__(self, logger: logging.Logger, kind: str = "Flow run") -> None:
        self._logger = logger
        self._kind = kind
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    def __contains__(self, run_id: UUID) -> bool:
        return run_id in self._tasks

    def __len__(self) -> int:
        return len(self._tasks)

    def has_room(self, limit: int | None) -> bool:
        """Whether another run may begin where `limit` may go on at once; None: any number."""
        return limit is None or len(self._tasks) < limit

    def begin(self, run_id: UUID, work: Coroutine[Any, Any, None]) -> None:  # Any: what coroutines pass on
        """See a run through in a task of its own."""
        task = asyncio.create_task(work)
        self._tasks[run_id] = task
        task.add_done_callback(lambda ended: self._ended(run_id, ended))

    def tasks(self) -> list[asyncio.Task[None]]:
        """Return the tasks that go on."""
        return list(self._tasks.values())

    def _ended(self, run_id: UUID, task: asyncio.Task[None]) -> None:
        self._tasks.pop(run_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._logger.error("%s '%s' could not be seen through: %r", self._kind, run_id, error)
