"""Workers: processes that start the runs of a work pool on some infrastructure. `BaseWorker` is the base of them."""

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostinato.workers.base import BaseWorker
    from ostinato.workers.configuration import BaseJobConfiguration, BaseVariables
    from ostinato.workers.results import BaseWorkerResult

__all__ = [
    "BaseJobConfiguration",
    "BaseVariables",
    "BaseWorker",
    "BaseWorkerResult",
    "find_worker_class",
    "worker_types",
]

_HOMES = {
    "BaseJobConfiguration": "configuration",
    "BaseVariables": "configuration",
    "BaseWorker": "base",
    "BaseWorkerResult": "results",
}
_OWN = {
    "docker": "ostinato.workers.docker:DockerWorker",
    "kubernetes": "ostinato.workers.kubernetes:KubernetesWorker",
    "process": "ostinato.workers.process:ProcessWorker",
}

ENTRY_POINTS = "ostinato.workers"
"""Entry-point group of other distributions: type -> class."""


def worker_types() -> list[str]:
    """Return the types of workers that are installed."""
    return sorted({*_OWN, *(found.name for found in entry_points(group=ENTRY_POINTS))})


def find_worker_class(worker_type: str) -> "type[BaseWorker[Any]] | None":  # Any: a configuration of its own
    """Return the class of a type; None if there is none."""
    if worker_type in _OWN:
        module, _, name = _OWN[worker_type].partition(":")
        return getattr(import_module(module), name)
    found = next((item for item in entry_points(group=ENTRY_POINTS) if item.name == worker_type), None)
    return None if found is None else found.load()


def __getattr__(name: str) -> Any:  # Any: public names of many types, told to type checkers above
    """Load a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
