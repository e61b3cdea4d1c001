"""What a worker knows of the runs that it started, or that were left by one that is gone."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.workers.results import TaskStatus
    from ostinato_wire.base import JsonObject
    from ostinato_wire.flow_runs import FlowRun

C = TypeVar("C")

CANCEL_WITHIN = 45.0
"""Seconds in which a run must have cancelled itself; then its infrastructure is ended."""


@dataclass
class HeldRun(Generic[C]):
    """A run whose infrastructure a worker waits for."""

    run: FlowRun
    configuration: C
    status: TaskStatus
    is_cancelled: bool = False


@dataclass(frozen=True)
class LeftRun:
    """A run on infrastructure that was found, and the worker that had started it."""

    run_id: UUID
    worker_name: str
    identifier: str


def metadata(distribution: str | None) -> JsonObject:
    """Return what the server is told of a worker's own versions."""
    names = ["ostinato", *([distribution] if distribution else [])]
    found: list[dict[str, str]] = []
    for name in names:
        try:
            found.append({"name": name, "version": version(name)})
        except PackageNotFoundError:
            continue
    return {"integrations": found}
