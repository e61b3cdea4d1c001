"""What a worker knows of the runs that it started, and of those that were left by one that is gone."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Generic, TypeVar

import httpx

from ostinato.client.errors import OstinatoHTTPStatusError
from ostinato_wire.filters import AnyOrNotId, StateFilter, StateTypeFilter
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.states import StateType
from ostinato_wire.workers import WorkerStatus

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.client.orchestration import OstinatoClient
    from ostinato.workers.results import TaskStatus
    from ostinato_wire.base import JsonObject
    from ostinato_wire.flow_runs import FlowRun

C = TypeVar("C")

AWAY = (httpx.HTTPError, OstinatoHTTPStatusError)
"""The server does not answer, or not with success: a worker waits and asks again."""
CANCEL_WITHIN = 45.0
"""Seconds in which a run must have cancelled itself; then its infrastructure is ended."""
FINAL = frozenset({StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED})


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


class LeftRuns:
    """Tells which runs on infrastructure that was found go on without a worker."""

    def __init__(self, worker_name: str, work_pool_name: str) -> None:
        self._worker_name = worker_name
        self._work_pool_name = work_pool_name
        self._settled: set[str] = set()

    async def to_take_up(self, client: OstinatoClient, found: list[LeftRun]) -> list[FlowRun]:
        """Return the runs that have not ended, are on what was found, and whose worker is this one, or is gone.

        A later attempt at the same run is on something else: the run says on what.
        """
        unknown = [item for item in found if item.identifier not in self._settled]
        if not unknown:
            return []
        ids = AnyOrNotId(any_=sorted({item.run_id for item in unknown}))
        going_on = StateFilter(type=StateTypeFilter(any_=[type_ for type_ in StateType if type_ not in FINAL]))
        runs = await client.read_flow_runs(flow_run_filter=FlowRunFilter(id=ids, state=going_on))
        by_identifier = {run.infrastructure_pid: run for run in runs}
        self._settled |= {item.identifier for item in unknown if item.run_id not in {run.id for run in runs}}
        workers = await client.read_workers_for_work_pool(self._work_pool_name)
        at_work = {worker.name for worker in workers if worker.status == WorkerStatus.ONLINE} - {self._worker_name}
        return [
            by_identifier[item.identifier]
            for item in unknown
            if item.identifier in by_identifier and item.worker_name not in at_work
        ]


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
