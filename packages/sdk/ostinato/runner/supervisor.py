"""Supervises the processes of flow runs: tells crashes that nobody else can tell, and cancels."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ostinato.engine import termination
from ostinato.engine.process import CANCELLED as CANCELLED_HOOKS
from ostinato.engine.process import CRASHED as CRASHED_HOOKS
from ostinato.engine.process import HOOKS
from ostinato.journal.leftovers import has_end
from ostinato.journal.replay import start_replay
from ostinato.runner.memory import out_of_memory_kills
from ostinato.runner.processes import GRACE_SECONDS, Exit, Job, RunProcess, exit_hint
from ostinato.runner.reports import CANCELLED, emit_cancelled, report_cancelled, report_crashed, report_rescheduled
from ostinato.settings import get_current_settings

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato_wire.flow_runs import FlowRun

OUT_OF_MEMORY = "The process was killed because there was no more memory for it (OOM)."
HOOK_SECONDS = 120.0
"""How long hooks of a run may take whose process could not call them."""

logger = logging.getLogger("ostinato.runner")


@dataclass
class _Supervised:
    run: FlowRun
    process: RunProcess
    kills_before: int = 0
    intent: str | None = None
    message: str = CANCELLED
    end_is_kept: bool = False
    stopping: asyncio.Task[None] | None = None


class Supervisor:
    """The runs of one runner, worker or `flow-run execute`. `name` is that of the runner in events.

    `start` makes the process of a job; it raises OSError if it cannot.
    """

    def __init__(
        self,
        name: str,
        grace_seconds: float = GRACE_SECONDS,
        start: Callable[[Job], Awaitable[RunProcess]] = RunProcess.start,
    ) -> None:
        self._name = name
        self._start = start
        self._grace_seconds = grace_seconds
        self._supervised: dict[UUID, _Supervised] = {}

    def run_ids(self) -> list[UUID]:
        """Return the ids of the runs whose processes live."""
        return list(self._supervised)

    async def run(
        self,
        run: FlowRun,
        job: Job,
        started: Callable[[int], None] | None = None,
        crash_message: str = "Process exited with status code: {status}. {hint}",
    ) -> Exit:
        """Start the process of a run, call `started` with its id, and wait until it ends; then tell what must be told.

        Raises OSError if it cannot be started.
        """
        supervised = _Supervised(run, await self._start(job), out_of_memory_kills())
        self._supervised[run.id] = supervised
        logger.info("Flow run '%s' started as process %s.", run.name, supervised.process.pid)
        try:
            if started is not None:
                started(supervised.process.pid)
            ended = await supervised.process.wait()
        except BaseException:
            supervised.process.kill()
            raise
        finally:
            self._supervised.pop(run.id, None)
        await self._take_over(supervised)
        hooks = await self._tell(supervised, ended, crash_message)
        if hooks is not None:
            await self._call_hooks(job, hooks)
        return ended

    async def _take_over(self, supervised: _Supervised) -> None:
        """Report what the process did not come to; if that is the end of its run, nothing else is to be told."""
        settings = get_current_settings()
        supervised.end_is_kept = await asyncio.to_thread(has_end, settings, supervised.run.id)
        start_replay(settings, settings.api.url)

    async def _tell(self, supervised: _Supervised, ended: Exit, crash_message: str) -> str | None:
        """Tell what the process did not; return the kind of hooks that it did not call."""
        run = supervised.run
        if ended.was_reported or supervised.end_is_kept:
            return None
        match supervised.intent:
            case termination.CANCEL:
                await report_cancelled(run, supervised.message)
                emit_cancelled(self._name, run)
                return CANCELLED_HOOKS if ended.status != 0 else None
            case termination.RESCHEDULE:
                await report_rescheduled(run)
            case termination.RELINQUISH:
                return None
            case _ if ended.status != 0:
                text = crash_message.format(status=ended.status, hint=_hint(ended.status, supervised)).strip()
                await report_crashed(run, text)
                return CRASHED_HOOKS
            case _:
                logger.info("The process of flow run '%s' ended.", run.name)
        return None

    async def _call_hooks(self, job: Job, kind: str) -> None:
        """Call the hooks of the flow in a process of their own: this one never loads users' code."""
        process = await RunProcess.start(
            Job({**job.environment, HOOKS: kind}, directory=job.directory, stream_output=job.stream_output)
        )
        try:
            async with asyncio.timeout(HOOK_SECONDS):
                await process.wait()
        except TimeoutError:
            logger.warning("The hooks of a run (%s) took longer than %g seconds.", kind, HOOK_SECONDS)
        finally:
            process.kill()

    async def cancel(self, run_id: UUID) -> None:
        """Begin to cancel a run; `run` returns when it is done. Again, or for another's run, this does nothing."""
        self._stop(run_id, termination.CANCEL, CANCELLED)

    def _stop(self, run_id: UUID, intent: str | None, message: str) -> None:
        supervised = self._supervised.get(run_id)
        if supervised is None or supervised.stopping is not None:
            return
        supervised.intent, supervised.message = intent, message
        supervised.stopping = asyncio.create_task(supervised.process.stop(intent, self._grace_seconds))

    async def stop_all(self, intent: str | None, message: str = CANCELLED) -> None:
        """Stop all processes and wait until they have ended; `intent` as in `engine.termination`."""
        for run_id in self.run_ids():
            self._stop(run_id, intent, message)
        stopping = [item.stopping for item in self._supervised.values() if item.stopping is not None]
        await asyncio.gather(*stopping)


def _hint(status: int, supervised: _Supervised) -> str:
    if status == -signal.SIGKILL and out_of_memory_kills() > supervised.kills_before:
        return OUT_OF_MEMORY
    return exit_hint(status)


def sigterm_behavior() -> str | None:
    """Return the intent that OSTINATO_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR names; None to let runs end as crashed."""
    names = ("OSTINATO_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR", "PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR")
    wanted = next((os.environ[name] for name in names if os.environ.get(name)), "").lower()
    return wanted if wanted in (termination.RESCHEDULE, termination.RELINQUISH) else None
