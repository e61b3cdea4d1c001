"""Turn Python functions into observed, retried, scheduled runs: `from ostinato import flow, task`."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostinato.client import get_client
    from ostinato.context import tags
    from ostinato.deployments.deploying import deploy
    from ostinato.flow_runs import (
        apause_flow_run,
        aresume_flow_run,
        asuspend_flow_run,
        pause_flow_run,
        resume_flow_run,
        suspend_flow_run,
    )
    from ostinato.flows import Flow, flow
    from ostinato.logging import get_run_logger
    from ostinato.runner.serving import aserve, serve
    from ostinato.states import State
    from ostinato.tasks import Task, task
    from ostinato.transactions import Transaction
    from ostinato.utilities.annotations import allow_failure, unmapped

    __version__: str

__all__ = [
    "Flow",
    "State",
    "Task",
    "Transaction",
    "__version__",
    "allow_failure",
    "apause_flow_run",
    "aresume_flow_run",
    "aserve",
    "asuspend_flow_run",
    "deploy",
    "flow",
    "get_client",
    "get_run_logger",
    "pause_flow_run",
    "resume_flow_run",
    "serve",
    "suspend_flow_run",
    "tags",
    "task",
    "unmapped",
]

_HOMES = {
    "Flow": "flows",
    "State": "states",
    "Task": "tasks",
    "Transaction": "transactions",
    "allow_failure": "utilities.annotations",
    "apause_flow_run": "flow_runs",
    "aresume_flow_run": "flow_runs",
    "aserve": "runner.serving",
    "asuspend_flow_run": "flow_runs",
    "deploy": "deployments.deploying",
    "flow": "flows",
    "get_client": "client",
    "get_run_logger": "logging",
    "pause_flow_run": "flow_runs",
    "resume_flow_run": "flow_runs",
    "serve": "runner.serving",
    "suspend_flow_run": "flow_runs",
    "tags": "context",
    "task": "tasks",
    "unmapped": "utilities.annotations",
}


def __getattr__(name: str) -> Any:  # Any: attributes of many types, told to type checkers above
    """Load a public name, or a sub-module, when it is first asked for: importing the package stays cheap."""
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("ostinato")  # Any: as above
    elif name in _HOMES:
        value = getattr(import_module(f"ostinato.{_HOMES[name]}"), name)
    elif name.startswith("_"):
        raise AttributeError(f"module 'ostinato' has no attribute {name!r}")
    else:
        try:
            return import_module(f"ostinato.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"ostinato.{name}":
                raise
            raise AttributeError(f"module 'ostinato' has no attribute {name!r}") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
