"""Causes in the place where a run waits: no queue, paused ones, and workers that do not come."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from ostinato_core.flow_runs.explanation.words import at, cause, counted, how_long
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.work_pools.rows import AGENT_TYPE
from ostinato_core.work_queues.operations import POLLED_WITHIN
from ostinato_core.workers.operations import worker_json
from ostinato_wire.explanations import CauseCode, Severity
from ostinato_wire.workers import WorkerStatus

_NAMED: Final = 10
"""Of many workers or queues so many are named."""


def gone(run: Row) -> Iterator[JsonDict]:
    """What a run was to be started with, and is not there any more."""
    if run["deployment_id"] is not None and run["deployment_found"] is None:
        yield cause(
            CauseCode.DEPLOYMENT_GONE,
            Severity.BLOCKING,
            "Its deployment was deleted, so no worker can start it.",
            remedy="Deploy the flow again and make a new run; cancel or delete this one.",
            deployment_id=run["deployment_id"],
        )
    if run["work_queue_id"] is not None and run["queue_name"] is None:
        named = f" {run['work_queue_name']!r}" if run["work_queue_name"] else ""
        yield cause(
            CauseCode.QUEUE_GONE,
            Severity.BLOCKING,
            f"Its work queue{named} was deleted, or the work pool with it, so no worker asks for it.",
            remedy="Make a new run in a work queue that exists; cancel or delete this one.",
            work_queue_id=run["work_queue_id"],
            work_queue_name=run["work_queue_name"],
        )


def unplaced(run: Row, now: datetime) -> Iterator[JsonDict]:
    """Why a run without a work queue waits: only the process that serves its deployment, or made it, can start it."""
    if run["deployment_id"] is None:
        yield cause(
            CauseCode.NO_QUEUE,
            Severity.BLOCKING,
            "It has neither a deployment nor a work queue, so only the process that made it can start it.",
            remedy="See whether that process still runs; else cancel this run and start the flow anew.",
        )
    elif run["deployment_found"] is not None and not _recent(run["deployment_polled"], now):
        polled: datetime | None = run["deployment_polled"]
        last = "has ever asked" if polled is None else f"has asked since {at(polled)}"
        yield cause(
            CauseCode.NOT_SERVED,
            Severity.BLOCKING,
            f"Its deployment {_deployment(run)!r} has no work pool, and no process that serves it {last} for its runs.",
            since=polled,
            remedy="Start the process that serves the deployment (`flow.serve()`), or deploy it to a work pool.",
            deployment_id=run["deployment_id"],
            last_polled=polled,
        )


def paused(run: Row) -> Iterator[JsonDict]:
    """A paused pool or queue: workers are given nothing from it."""
    if run["pool_paused"]:
        yield cause(
            CauseCode.POOL_PAUSED,
            Severity.BLOCKING,
            f"Its work pool {run['pool_name']!r} is paused.",
            since=run["pool_status_changed"],
            remedy=f"Resume the work pool {run['pool_name']!r}.",
            work_pool_id=run["pool_id"],
            work_pool_name=run["pool_name"],
        )
    if run["queue_paused"]:
        yield cause(
            CauseCode.QUEUE_PAUSED,
            Severity.BLOCKING,
            f"Its work queue {_queue(run)} is paused.",
            since=run["queue_status_changed"],
            remedy=f"Resume the work queue {_queue(run)}.",
            work_queue_id=run["work_queue_id"],
            work_queue_name=run["queue_name"],
            work_pool_name=run["pool_name"],
        )


def online_workers(workers: Sequence[Row], now: datetime) -> list[JsonDict]:
    """Return those workers that give signs of life."""
    told = [worker_json(row, now) for row in workers]
    return [worker for worker in told if worker["status"] == WorkerStatus.ONLINE.value]


def without_worker(run: Row, workers: Sequence[Row], queues: Sequence[Row], now: datetime) -> Iterator[JsonDict]:
    """Why nobody asks for a run that is in a work queue; nothing where somebody has asked within a minute."""
    if _recent(run["queue_polled"], now):
        return
    asked = [queue for queue in queues if queue["last_polled"] is not None]
    online = online_workers(workers, now)
    if online or any(_recent(queue["last_polled"], now) for queue in asked):
        yield from _asking_for_others(run, online, asked, now)
    elif workers or asked:
        yield _offline(run, workers, asked, now)
    else:
        yield cause(
            CauseCode.NO_WORKER_EVER,
            Severity.BLOCKING,
            f"No worker has ever asked for runs of its work pool {run['pool_name']!r}.",
            remedy=_start_worker(run),
            **_pool(run),
        )


def _offline(run: Row, workers: Sequence[Row], asked: Sequence[Row], now: datetime) -> JsonDict:
    seen = [row["last_heartbeat_time"] for row in workers] or [queue["last_polled"] for queue in asked]
    since: datetime = max(seen)
    return cause(
        CauseCode.NO_WORKER_ONLINE,
        Severity.BLOCKING,
        f"No worker of its work pool {run['pool_name']!r} has been online for {how_long(now - since)}.",
        since=since,
        remedy=_start_worker(run),
        **_pool(run),
        last_seen=since,
        workers=[_worker(worker_json(row, now)) for row in workers[:_NAMED]],
    )


def _asking_for_others(run: Row, online: Sequence[JsonDict], asked: Sequence[Row], now: datetime) -> Iterator[JsonDict]:
    polled: datetime | None = run["queue_polled"]
    since = polled or run["queue_created"]
    # A poll of all queues would have asked for this one, too.
    others = [queue["name"] for queue in asked if _recent(queue["last_polled"], now) and queue["last_polled"] > since]
    found = {**_pool(run), "work_queue_name": run["queue_name"], "workers": [_worker(each) for each in online[:_NAMED]]}
    if others:
        listed = ", ".join(repr(name) for name in others[:_NAMED])
        yield cause(
            CauseCode.OTHER_QUEUES_ONLY,
            Severity.BLOCKING,
            f"The workers of its work pool {run['pool_name']!r} ask for runs of other work queues only ({listed}).",
            since=since,
            remedy=f"Start a worker for the work queue {_queue(run)}, or one for all queues of the pool.",
            **found,
            asked_queues=others[:_NAMED],
            last_polled=polled,
        )
    elif online and (polled is not None or not _recent(run["queue_created"], now)):
        names = ", ".join(repr(each["name"]) for each in online[:3])
        yield cause(
            CauseCode.WORKERS_DO_NOT_ASK,
            Severity.BLOCKING,
            f"{counted(len(online), 'worker')} of its work pool {run['pool_name']!r} gave signs of life ({names}), but "
            f"none has asked for runs {'since ' + at(polled) if polled else 'ever'}.",
            since=polled,
            remedy="Look at the log of the worker: it may be at its own limit of runs, hang, or be of another type "
            f"than the pool, {run['pool_type']!r}.",
            **found,
            last_polled=polled,
        )


def _recent(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and now - moment <= POLLED_WITHIN


def _start_worker(run: Row) -> str:
    if run["pool_type"] == AGENT_TYPE:
        return f"Start an agent for the work queue {run['queue_name']!r}."
    return f"Start a worker of type {run['pool_type']!r} for the work pool {run['pool_name']!r}."


def _queue(run: Row) -> str:
    return f"{run['queue_name']!r} of the work pool {run['pool_name']!r}"


def _pool(run: Row) -> JsonDict:
    return {"work_pool_id": run["pool_id"], "work_pool_name": run["pool_name"], "work_pool_type": run["pool_type"]}


def _worker(worker: JsonDict) -> JsonDict:
    return {name: worker[name] for name in ("name", "status", "last_heartbeat_time")}


def _deployment(run: Row) -> str:
    return f"{run['flow_name']}/{run['deployment_name']}"
