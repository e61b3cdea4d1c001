"""What a supervisor tells the server of the runs that it starts: states, and events on them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import httpx

from ostinato.client.errors import OstinatoHTTPStatusError
from ostinato.engine.drivers import adrive
from ostinato.engine.events import missing_tags, related_resource
from ostinato.engine.proposals import propose
from ostinato.engine.task_run import new_state
from ostinato.events.emit import emit_event
from ostinato.exceptions import Abort, ObjectNotFound, Pause
from ostinato_wire.states import StateType

if TYPE_CHECKING:
    from ostinato_wire.flow_runs import FlowRun

logger = logging.getLogger("ostinato.runner")

CANCELLED = "Flow run was cancelled successfully."
NEVER_STARTED = "Flow run was cancelled before execution started."
REPORT_TRIES = 30
LONGEST_PAUSE = 30.0
"""How often the end of a run is told while the server is away, and the seconds between two tries at most."""

REPORT_ERRORS = (httpx.HTTPError, OstinatoHTTPStatusError, ObjectNotFound, Abort, Pause)
"""What telling a state may raise; a supervisor goes on."""


async def propose_pending(run: FlowRun, name: str = "Pending") -> bool:
    """Propose PENDING; whether the run is ours to start. One that is being cancelled ends as cancelled."""
    try:
        state = await adrive(propose(run.id, new_state(StateType.PENDING, name)))
    except (Abort, Pause, ObjectNotFound) as refusal:
        logger.info("Flow run '%s' is not started: %s", run.id, refusal)
        return False
    if state.type is StateType.CANCELLING:
        await report_cancelled(run, NEVER_STARTED)
    if state.type is not StateType.PENDING:
        logger.info("Flow run '%s' is not started: the server put it into %s.", run.id, state.name)
    return state.type is StateType.PENDING


async def report_crashed(run: FlowRun, message: str) -> None:
    """Tell that the run crashed, unless it has ended."""
    logger.error("Flow run '%s' crashed: %s", run.name, message)
    await _report(run, StateType.CRASHED, message, force=False)


async def report_cancelled(run: FlowRun, message: str = CANCELLED) -> None:
    """Tell that the run was cancelled."""
    logger.info("Flow run '%s': %s", run.name, message)
    await _report(run, StateType.CANCELLED, message, force=True)


async def report_rescheduled(run: FlowRun) -> None:
    """Tell that the run is to be started again, by whoever takes it next."""
    state = new_state(StateType.SCHEDULED, "AwaitingRetry", "The process was told to end; the run starts again.")
    try:
        await adrive(propose(run.id, state, force=True))
    except REPORT_ERRORS as error:
        logger.error("Flow run '%s' could not be scheduled again: %s", run.id, error)


async def _report(run: FlowRun, type_: StateType, message: str, *, force: bool) -> None:
    for attempt in range(REPORT_TRIES):
        try:
            await adrive(propose(run.id, new_state(type_, message=message), force=force))
        except httpx.TransportError as error:
            logger.warning("The server is away: it learns later that flow run '%s' ended (%s).", run.id, error)
            await asyncio.sleep(min(2**attempt, LONGEST_PAUSE))
        except REPORT_ERRORS as error:
            logger.error("The end of flow run '%s' (%s) could not be reported: %s", run.id, type_.value, error)
            return
        else:
            return
    logger.error("The end of flow run '%s' (%s) was never told: the server stayed away.", run.id, type_.value)


def emit_cancelled(runner_name: str, run: FlowRun) -> None:
    """Tell by an event that this runner cancelled a run."""
    slug = runner_name.lower().replace(" ", "-")
    related = [
        related_resource("flow", str(run.flow_id)),
        related_resource("flow-run", str(run.id), run.name),
    ]
    if run.deployment_id is not None:
        related.insert(0, related_resource("deployment", str(run.deployment_id)))
    emit_event(
        "prefect.runner.cancelled-flow-run",
        {"prefect.resource.id": f"prefect.runner.{slug}", "prefect.resource.name": runner_name},
        related=related + missing_tags(sorted(run.tags), related),
    )
