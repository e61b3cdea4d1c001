"""Interpreters that are ready before there is a run for them, so that a due run begins at once."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ostinato.runner.processes import ENGINE_COMMAND, RunProcess
from ostinato.settings import get_current_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from ostinato.runner.processes import Job

logger = logging.getLogger("ostinato.runner")

READ_AT_START = ("PYTHON", "LD_", "DYLD_", "LC_", "LANG", "TZ", "MALLOC_", "GLIBC_", "PYDANTIC_", "WEBSOCKETS_")
"""Beginnings of the names of variables that count only when an interpreter, or what it loads first, starts."""
REFILL_AFTER = 1.0
"""Seconds between the start of a run and that of the next warm process: meanwhile the processors are the run's."""
MOST_FAILURES = 3


class WarmProcesses:
    """Keeps `size` processes ready (default: the setting); use it as `async with`. Its end ends those that wait.

    A process does one run, as a fresh one would. Jobs that need another command or other variables than this process's
    at the start of their interpreter get a fresh one, and so do runs that come faster than processes are made ready.
    """

    def __init__(self, size: int | None = None) -> None:
        self._size = get_current_settings().runner.warm_processes if size is None else size
        self._waiting: list[RunProcess] = []
        self._taken = asyncio.Event()
        self._environment: Mapping[str, str] = {}
        self._refilling: asyncio.Task[None] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def __aenter__(self) -> Self:
        if self._size and _is_same_everywhere(os.environ.get("PYTHONPATH", "")):
            self._environment = dict(os.environ)
            self._folder = tempfile.TemporaryDirectory(prefix="ostinato-warm-")
            self._refilling = asyncio.create_task(self._keep_full(Path(self._folder.name)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._refilling is not None:
            self._refilling.cancel()
            await asyncio.gather(self._refilling, return_exceptions=True)
        waiting, self._waiting = self._waiting, []
        for process in waiting:
            process.kill()
        await asyncio.gather(*(process.wait() for process in waiting))
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that wait for a run."""
        return [process.pid for process in self._waiting if process.is_alive]

    async def start(self, job: Job) -> RunProcess:
        """Return the process of a job: one that waited, or a fresh one. Raises OSError if there can be none."""
        while self._waiting and self._fits(job):
            process = self._waiting.pop(0)
            self._taken.set()
            async with _killed_on_error(process):
                try:
                    await process.hand_over(job)
                except OSError as error:
                    logger.debug("A process that waited for a run is gone: %s", error)
                    process.kill()
                    await process.wait()
                else:
                    return process
        return await RunProcess.start(job)

    def _fits(self, job: Job) -> bool:
        return (
            job.command == ENGINE_COMMAND
            and _at_start(job.environment) == _at_start(self._environment)
            and (job.directory is None or job.directory.is_dir())
        )

    async def _keep_full(self, folder: Path) -> None:
        failures = 0
        while failures < MOST_FAILURES:
            self._waiting = [process for process in self._waiting if process.is_alive]
            if len(self._waiting) >= self._size:
                self._taken.clear()
                await self._taken.wait()
                await asyncio.sleep(REFILL_AFTER)
                continue
            failures = 0 if await self._add(folder) else failures + 1
        logger.warning("No process can be kept ready for runs (OSTINATO_RUNNER_WARM_PROCESSES): each starts afresh.")

    async def _add(self, folder: Path) -> bool:
        """Start a process and wait until it is ready; whether it is."""
        try:
            process = await RunProcess.start_warm(self._environment, folder)
        except OSError as error:
            logger.debug("A process cannot be started ahead: %s", error)
            return False
        async with _killed_on_error(process):
            if await process.is_ready():
                self._waiting.append(process)
                return True
        await process.wait()
        return False


@asynccontextmanager
async def _killed_on_error(process: RunProcess) -> AsyncGenerator[None]:
    try:
        yield
    except BaseException:
        process.kill()
        await process.wait()
        raise


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


def _is_same_everywhere(search_path: str) -> bool:
    """Whether a search path means the same in whatever folder."""
    return all(Path(part).is_absolute() for part in search_path.split(os.pathsep)) if search_path else True
