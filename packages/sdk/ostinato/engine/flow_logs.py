"""What a flow run says of itself in its log, and in that of the flow that called it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ostinato.exceptions import Abort, Pause
from ostinato_wire.states import StateType

if TYPE_CHECKING:
    from ostinato.context import FlowRunContext
    from ostinato.engine.hooks import LoggerLike
    from ostinato.flows import Flow
    from ostinato.states import State
    from ostinato_wire.flow_runs import FlowRun


def log_begin(flow: Flow[..., object], run: FlowRun, parent: FlowRunContext | None) -> None:
    """Say that a run begins: a sub-flow in the log of `parent`, who has called it. Where the UI is known, say where."""
    from ostinato.logging import flow_run_logger
    from ostinato.settings import get_current_settings

    own = flow_run_logger(run, flow)
    logger, kind = (
        (own, "flow run") if parent is None else (flow_run_logger(parent.flow_run, parent.flow), "subflow run")
    )
    logger.info("Beginning %s %r for flow %r", kind, run.name, flow.name)
    ui_url = get_current_settings().ui.url
    if ui_url is not None:
        own.info("View at %s", f"{ui_url}/runs/flow-run/{run.id}", extra={"send_to_api": False})


def log_end(logger: LoggerLike, state: State) -> None:
    """Say how a run ended."""
    level = logging.INFO if state.type is StateType.COMPLETED else logging.ERROR
    logger.log(level, "Finished in state %s", state)


def log_stop(logger: LoggerLike, signal: Abort | Pause, *, is_own: bool) -> None:
    """Say that a run stops without an end of its own; `is_own` if its function asked for that."""
    if is_own and isinstance(signal, Pause):
        logger.info("Finished in state %s", signal.state)
    else:
        logger.warning("The server stopped the run: %s", signal)
