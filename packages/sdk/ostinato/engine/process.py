"""A process that runs one flow run which the server has already: loads its flow and runs it (sdk.md, 26)."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ostinato.engine import termination
from ostinato.engine.control import ControlLine
from ostinato.engine.drivers import adrive, drive
from ostinato.engine.flow_plan import FlowRunEngine
from ostinato.engine.hooks import run_hooks
from ostinato.engine.outcomes import details_of
from ostinato.engine.proposals import propose
from ostinato.engine.stored_parameters import bind_stored
from ostinato.engine.task_run import new_state
from ostinato.exceptions import Abort, Pause
from ostinato.states import State
from ostinato_wire.states import StateType

if TYPE_CHECKING:
    from ostinato.flows import Flow
    from ostinato_wire.deployments import Deployment
    from ostinato_wire.flow_runs import FlowRun

# Any below: flows of whatever type.

RUN_ID = "PREFECT__FLOW_RUN_ID"
ENTRYPOINT = "PREFECT__FLOW_ENTRYPOINT"
PICKLED_FLOW = "OSTINATO__PICKLED_FLOW"
"""Path of a file with a flow that cannot be imported, pickled by the runner that serves it."""


CODE_IS_HERE = "OSTINATO__CODE_IS_HERE"
"""Tells the process of a run that it was started in the folder of its code: pull steps are not for it."""
HOOKS = "OSTINATO__HOOKS"
"""Set to `CRASHED` or `CANCELLED`: only call the hooks of the flow for this end of the run."""
CRASHED = "crashed"
CANCELLED = "cancelled"


def main() -> int:
    """Run it; return the exit status: 0 also for a flow that failed, since the server knows."""
    line = ControlLine.inherited()
    termination.listen(line.read_intent)
    run_id = _run_id()
    if run_id is None:
        print(f"{RUN_ID} must be the id of a flow run.", file=sys.stderr)  # noqa: T201 - nobody else is there to be told
        return 2
    run = _load_run(run_id)
    try:
        flow = _loaded(run)
    except (Abort, Pause):
        flow = None
    if flow is None:
        line.tell_reported()
        return 1
    if HOOKS in os.environ:
        _call_hooks(flow, run, os.environ.pop(HOOKS))
        return 0
    stored = run.parameters
    engine = FlowRunEngine(flow, {}, None, flow.prints(), existing=run, stored=lambda: bind_stored(flow, stored))
    try:
        _run(flow, engine)
    except (Abort, Pause):
        line.tell_reported()
        return 0
    except BaseException:
        if termination.intent() is not None:
            return 0
        if engine.state is not None and engine.state.is_final():
            line.tell_reported()
        if termination.reason() is not None:
            return 1
        raise
    line.tell_reported()
    return 0


def _call_hooks(flow: Flow[..., Any], run: FlowRun, kind: str) -> None:
    """Call the hooks of a run whose own process could not."""
    from ostinato.logging import flow_run_logger

    hooks = flow.on_crashed_hooks if kind == CRASHED else flow.on_cancellation_hooks
    if hooks and run.state is not None:
        drive(run_hooks(hooks, flow, run, State.from_wire(run.state), flow_run_logger(run, flow)))


def _run_id() -> UUID | None:
    try:
        return UUID(os.environ.get(RUN_ID, ""))
    except ValueError:
        return None


def _load_run(run_id: UUID) -> FlowRun:
    from ostinato.client import get_client

    with get_client(sync_client=True) as client:
        client.check_server_version()
        return client.read_flow_run(run_id)


def _loaded(run: FlowRun) -> Flow[..., Any] | None:
    """Return the flow; None if it cannot be loaded, which the server is told."""
    try:
        return load_flow_of(run)
    except Exception as error:  # noqa: BLE001 - a user's module may raise anything
        if HOOKS in os.environ:
            return None
        from ostinato.logging import flow_run_logger

        flow_run_logger(run).error("The flow could not be loaded: %s\n%s", error, _user_trace(error))
        message = f"Flow could not be loaded: {type(error).__name__}: {error}"
        drive(
            propose(
                run.id, new_state(StateType.CRASHED, message=message, details=details_of("Flow", run.id)), force=True
            )
        )
        return None


def _user_trace(error: BaseException) -> str:
    cause = error.__cause__ or error
    return "".join(traceback.format_exception(cause)).rstrip()


def load_flow_of(run: FlowRun) -> Flow[..., Any]:
    """Return the flow of a run: that of its deployment, once its pull steps ran, or that which the environment names.

    Raises ValueError if there is no entrypoint, StepExecutionError, or as `load_flow` does.
    """
    from ostinato.deployments.entrypoints import load_flow

    pickled = os.environ.pop(PICKLED_FLOW, None)
    if pickled:
        import cloudpickle

        return cloudpickle.loads(Path(pickled).read_bytes())
    deployment = _deployment_of(run)
    if deployment is not None and not os.environ.pop(CODE_IS_HERE, None):
        if deployment.pull_steps:
            from ostinato.deployments.steps import run_pull_steps

            run_pull_steps(deployment.pull_steps, run)
        elif deployment.path and deployment.path != "." and Path(deployment.path).is_dir():
            os.chdir(deployment.path)
    entrypoint = os.environ.pop(ENTRYPOINT, None) or (deployment.entrypoint if deployment is not None else None)
    if not entrypoint:
        raise ValueError(f"Flow run {str(run.id)!r} has no entrypoint: its deployment does not say where its code is.")
    return load_flow(entrypoint)


def _deployment_of(run: FlowRun) -> Deployment | None:
    if run.deployment_id is None:
        return None
    from ostinato.client import get_client

    with get_client(sync_client=True) as client:
        return client.read_deployment(run.deployment_id)


def _run(flow: Flow[..., Any], engine: FlowRunEngine) -> None:
    """Run the flow to its end; what it raised is in the state, and on the server."""
    import asyncio

    from ostinato.flows import guarded

    async def run_async() -> None:
        with guarded(asyncio.current_task()):
            await adrive(engine.plan())

    if flow.isasync:
        asyncio.run(run_async())
        return
    with guarded():
        drive(engine.plan())
