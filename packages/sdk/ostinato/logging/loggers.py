"""`get_logger`, and loggers that know their run."""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from ostinato.exceptions import MissingContextError
from ostinato.logging.names import FLOW_RUNS, ROOT, TASK_RUNS
from ostinato.logging.setup import configure_logging

if TYPE_CHECKING:
    from ostinato.context import FlowRunContext, TaskRunContext

_disabled: ContextVar[bool] = ContextVar("ostinato_run_logger_disabled", default=False)


class NamedRun(Protocol):
    """A flow run, as far as its logger needs it."""

    @property
    def id(self) -> UUID:
        """The run's id."""
        ...

    @property
    def name(self) -> str:
        """The run's name."""
        ...


class NamedTaskRun(NamedRun, Protocol):
    """A task run, as far as its logger needs it."""

    @property
    def flow_run_id(self) -> UUID | None:
        """The flow run that it belongs to."""
        ...


class Named(Protocol):
    """A flow or task, as far as a logger needs it."""

    @property
    def name(self) -> str:
        """Its name."""
        ...


class RunLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger whose records carry the run. Members of a call's `extra` are added to the run's, and win."""

    def process(self, msg: object, kwargs: MutableMapping[str, Any]) -> tuple[object, MutableMapping[str, Any]]:
        """Return the call with the run's members in its `extra`."""  # Any: as the base class has it
        kwargs["extra"] = {**(self.extra or {}), **(kwargs.get("extra") or {})}
        return msg, kwargs


def get_logger(name: str | None = None) -> logging.Logger:
    """Return the logger `ostinato`, or the one of `name` below it; the first call sets logging up."""
    configure_logging()
    if name is None or name == ROOT:
        return logging.getLogger(ROOT)
    return logging.getLogger(name if name.startswith(f"{ROOT}.") else f"{ROOT}.{name}")


def flow_run_logger(flow_run: NamedRun, flow: Named | None = None, **extra: object) -> RunLogger:
    """Return the logger of a flow run; `extra` members go into every record."""
    members = {
        "flow_run_id": str(flow_run.id),
        "flow_run_name": flow_run.name,
        "flow_name": flow.name if flow else "<unknown>",
        **extra,
    }
    return _adapter(FLOW_RUNS, members)


def task_run_logger(
    task_run: NamedTaskRun,
    task: Named | None = None,
    flow_run: NamedRun | None = None,
    flow: Named | None = None,
    **extra: object,
) -> RunLogger:
    """Return the logger of a task run; `extra` members go into every record."""
    members = {
        "task_run_id": str(task_run.id),
        "task_run_name": task_run.name,
        "task_name": task.name if task else "<unknown>",
        "flow_run_id": str(task_run.flow_run_id) if task_run.flow_run_id else None,
        "flow_run_name": flow_run.name if flow_run else "<unknown>",
        "flow_name": flow.name if flow else "<unknown>",
        **extra,
    }
    return _adapter(TASK_RUNS, members)


class NamedWorker(Protocol):
    """A worker, as far as its logger needs it."""

    @property
    def name(self) -> str:
        """The worker's name."""
        ...

    @property
    def type(self) -> str:
        """Of which kind of infrastructure it is."""
        ...


def get_worker_logger(worker: NamedWorker, name: str | None = None) -> RunLogger:
    """Return the logger of a worker, `ostinato.workers.<type>` unless `name` says otherwise; records carry its name."""
    logger = get_logger(name or f"workers.{worker.type}")
    return RunLogger(logger, {"worker_name": worker.name, "worker_type": worker.type})


def _adapter(name: str, members: Mapping[str, object]) -> RunLogger:
    configure_logging()
    if _disabled.get():
        return RunLogger(_silent(), members)
    return RunLogger(logging.getLogger(name), members)


def _silent() -> logging.Logger:
    logger = logging.getLogger(f"{ROOT}.disabled")
    logger.disabled = True
    return logger


def get_run_logger(context: FlowRunContext | TaskRunContext | None = None, **extra: object) -> RunLogger:
    """Return the logger of the innermost run, or of `context`; `extra` members go into every record.

    Raises MissingContextError outside of runs, unless run loggers are disabled.
    """
    from ostinato.context import FlowRunContext, TaskRunContext

    if isinstance(context, TaskRunContext):
        return _of_task_run(context, FlowRunContext.get(), extra)
    if isinstance(context, FlowRunContext):
        return flow_run_logger(context.flow_run, context.flow, **extra)
    task, flow = TaskRunContext.get(), FlowRunContext.get()
    if task is not None:
        return _of_task_run(task, flow, extra)
    if flow is not None:
        return flow_run_logger(flow.flow_run, flow.flow, **extra)
    if _disabled.get():
        return RunLogger(_silent(), extra)
    raise MissingContextError("No run is active: `get_run_logger` must be called inside a flow or a task.")


def _of_task_run(task: TaskRunContext, flow: FlowRunContext | None, extra: Mapping[str, object]) -> RunLogger:
    own = flow if flow is not None and flow.flow_run.id == task.task_run.flow_run_id else None
    return task_run_logger(task.task_run, task.task, own.flow_run if own else None, own.flow if own else None, **extra)


@contextmanager
def disable_run_logger() -> Generator[None]:
    """Within the block run loggers are silent, and `get_run_logger` works outside of runs; for tests of functions."""
    token = _disabled.set(True)
    try:
        yield
    finally:
        _disabled.reset(token)
