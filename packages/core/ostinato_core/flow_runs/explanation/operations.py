"""Explaining a flow run: which causes apply in its state, which of them comes first, and the verdict."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from ostinato_core.flow_runs.explanation import origin, place, queries, slots, states
from ostinato_core.flow_runs.explanation.words import counted
from ostinato_core.loop_settings import LoopSettings
from ostinato_core.states.rows import TERMINAL, JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_queues import repository as queues
from ostinato_core.workers import repository as workers
from ostinato_wire.explanations import CauseCode, Severity

_WORKERS_LOOKED_AT: Final = 100
"""The workers of a pool that gave signs of life last."""
_ORDER: Final = {Severity.BLOCKING.value: 0, Severity.WAITING.value: 1, Severity.INFO.value: 2}
_NOT_YET: Final = {CauseCode.NOT_DUE.value, CauseCode.WAITING_FOR_RETRY.value}
"""Whatever else is in the way of a run, it matters from this time on only."""
_RESCHEDULE: Final = (
    "Start a worker, and set the run to Scheduled again: no other worker is given it while it is Pending."
)


async def explain(tx: Transaction, flow_run_id: UUID, settings: LoopSettings) -> JsonDict:
    """Return why a flow run does not run: a verdict, and its causes in order. Errors: FlowRunNotFound.

    Reads a few rows by their keys and indexes, and the line of the run's work pool once, as a worker's poll does.
    """
    run = await queries.get(tx, flow_run_id)
    causes = sorted(await _causes(tx, run, settings), key=_rank)
    return {
        "id": run["id"],
        "name": run["name"],
        "state_type": run["state_type"],
        "state_name": run["state_name"],
        "since": run["state_timestamp"],
        "verdict": _verdict(causes),
        "causes": causes,
    }


def _rank(cause: JsonDict) -> int:
    return -1 if cause["code"] in _NOT_YET else _ORDER[cause["severity"]]


def _verdict(causes: list[JsonDict]) -> str:
    first, *others = causes
    more = sum(each["severity"] != Severity.INFO.value for each in others)
    if not more:
        return first["message"]
    return f"{first['message'].removesuffix('.')}; {counted(more, 'further cause')} hold{'s' * (more == 1)} it back."


async def _causes(tx: Transaction, run: Row, settings: LoopSettings) -> list[JsonDict]:
    kind: str | None = run["state_type"]
    if kind is None:
        return [states.without_state()]
    if kind in TERMINAL:
        return [states.finished(run, tx.now)]
    if kind == "SCHEDULED":
        return await _of_scheduled(tx, run, settings)
    if kind == "PENDING":
        return await _of_pending(tx, run, settings)
    if kind == "PAUSED":
        return [states.paused(run, tx.now)]
    if kind == "CANCELLING":
        return [states.cancelling(run, tx.now, timedelta(seconds=settings.cancelling_timeout))]
    return [*states.silent(run, tx.now), *await slots.full_tags(tx, run), states.running(run, tx.now)]


async def _of_scheduled(tx: Transaction, run: Row, settings: LoopSettings) -> list[JsonDict]:
    if states.retries_in_process(run):
        return list(states.retry_in_process(run, tx.now))
    due = states.is_due(run, tx.now)
    causes = [*place.gone(run), *place.paused(run), *states.too_late(run, tx.now)]
    if not due:
        causes.append(states.not_due(run, tx.now))
    if run["work_queue_id"] is None:
        causes += place.unplaced(run, tx.now)
        causes += await slots.full_of_deployment(tx, run) if due else []
    elif run["pool_id"] is not None:
        causes += await _of_line(tx, run, due=due)
    if not any(_holds_back(causes)):
        causes.append(states.ready(run))
    if due:
        causes += states.late(run, tx.now, timedelta(seconds=settings.late_runs_after))
    return [*causes, *origin.deployment_paused(run), *await origin.schedule(tx, run)]


async def _of_line(tx: Transaction, run: Row, *, due: bool) -> list[JsonDict]:
    """Return why a run with a queue is not given to a worker: slots matter only once it is due."""
    in_pool = await queues.of_pool(tx, run["pool_id"])
    known = await workers.select_where(tx, run["pool_id"], None, _WORKERS_LOOKED_AT, 0)
    causes = list(place.without_worker(run, known, in_pool, tx.now))
    if due:
        causes += await slots.full_in_pool(tx, run)
        causes += await slots.full_of_deployment(tx, run)
        standing = await queries.standing_of(tx, run, in_pool)
        if standing is not None:
            causes += slots.runs_ahead(run, standing)
    return causes


async def _of_pending(tx: Transaction, run: Row, settings: LoopSettings) -> list[JsonDict]:
    if run["pool_id"] is None:
        return [*place.gone(run), states.pending(run, [], tx.now)]
    in_pool = await queues.of_pool(tx, run["pool_id"])
    known = await workers.select_where(tx, run["pool_id"], None, _WORKERS_LOOKED_AT, 0)
    online = place.online_workers(known, tx.now)
    until = states.pending_until(run, settings)
    if online or run["infrastructure_pid"] is not None:
        return [states.pending(run, online, tx.now, until)]
    absent = list(place.without_worker(run, known, in_pool, tx.now))
    if until is None:
        absent = [{**each, "remedy": _RESCHEDULE} for each in absent]
    return [*absent, states.pending(run, [], tx.now, until)]


def _holds_back(causes: Iterable[JsonDict]) -> Iterable[bool]:
    return (each["severity"] != Severity.INFO.value for each in causes)
