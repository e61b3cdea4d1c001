"""A worker asks for runs to start; and what that tells of the queues that it asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import bindparam, literal, or_, select, update

from ostinato_core.db.prepared import prepare
from ostinato_core.db.tables import flow_runs, work_pools, work_queues
from ostinato_core.db.types import Timestamp
from ostinato_core.deployments.readiness import mark_ready_by_queues
from ostinato_core.deployments.start_limits import may_start
from ostinato_core.flow_runs.rows import PLACED_COLUMNS, SOURCE, flow_run_json
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools.errors import WorkPoolNotFound
from ostinato_core.work_pools.line import EARLIEST, FRONT_OF_LINE, LATEST
from ostinato_core.work_pools.ready_runs import read_runs, runs_for_workers
from ostinato_core.work_pools.statuses import set_queue_status
from ostinato_core.work_queues import repository as queues
from ostinato_core.work_queues.errors import WorkQueueMissing, WorkQueueOfPoolNotFound
from ostinato_core.work_queues.rows import pool_of
from ostinato_wire.work_pools import ScheduledRunsQuery, Status
from ostinato_wire.work_queues import QueueRunsQuery

NOTED_EVERY: Final = timedelta(seconds=5)
"""A queue that was polled so recently is not written again; those who ask look back a minute."""

_QUEUE = work_queues.c
_POOL_WITH_QUEUES = prepare(
    select(
        work_pools.c.id,
        work_pools.c.name,
        work_pools.c.type,
        work_pools.c.is_paused,
        _QUEUE.id.label("queue_id"),
        _QUEUE.name.label("queue_name"),
        _QUEUE.status,
        _QUEUE.status_event_id,
        _QUEUE.status_changed,
        _QUEUE.last_polled,
    )
    .join(work_queues, _QUEUE.work_pool_id == work_pools.c.id)
    .where(work_pools.c.name == bindparam("name"), work_pools.c.workspace_id == bindparam("workspace_id"))
)
# Where many poll at once, one of them notes it: none shall wait for the others.
_FREE = select(_QUEUE.id).where(_QUEUE.id == bindparam("queue_id")).with_for_update(skip_locked=True, key_share=True)
_NOTE_POLL = prepare(
    update(work_queues)
    .where(
        _QUEUE.id.in_(_FREE),
        or_(
            _QUEUE.last_polled.is_(None),
            _QUEUE.last_polled < bindparam("since", type_=Timestamp()),
            _QUEUE.status == Status.NOT_READY.value,
        ),
    )
    .values(last_polled=bindparam("now"), updated=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Poll:
    """What a poll found: the answer, and the queues of which it is to be noted that somebody asks."""

    runs: list[JsonDict] | orjson.Fragment
    pool: Row
    unnoted: list[Row]


async def take_from_pool(tx: Transaction, pool_name: str, query: ScheduledRunsQuery, limit: int) -> Poll:
    """Return runs that a worker of the pool may start now, in order, at most `limit`. Nothing is claimed.

    Errors: WorkPoolNotFound, WorkQueueOfPoolNotFound.
    """
    rows = await tx.rows(_POOL_WITH_QUEUES, {"name": pool_name, "workspace_id": tx.workspace_id})
    if not rows:
        raise WorkPoolNotFound(pool_name)
    asked = _asked(rows, pool_name, query.work_queue_names)
    pool = rows[0]
    line: Sequence[Row] = ()
    if not pool["is_paused"] and limit:
        window = (query.scheduled_after or EARLIEST, query.scheduled_before or LATEST)
        line = await _front(tx, pool["id"], [row["name"] for row in asked], window, limit)
    return Poll(await runs_for_workers(tx, pool["id"], line), pool, _unnoted(asked, tx.now))


async def take_from_queue(tx: Transaction, queue_id: UUID, query: QueueRunsQuery, limit: int) -> Poll:
    """Return runs of a queue that may start now, in order, at most `limit`. Errors: WorkQueueMissing."""
    queue = await queues.find(tx, queue_id)
    if queue is None:
        raise WorkQueueMissing(queue_id, ".")
    before = query.scheduled_before or LATEST
    if queue["filter"] is not None and not queue["is_paused"]:
        found = await _chosen_by_filter(tx, queue, before, limit)
    else:
        line = await _front(tx, queue["work_pool_id"], [queue["name"]], (EARLIEST, before), limit)
        rows = await read_runs(tx, line)
        names = {"queue_name": queue["name"]}
        names |= {"work_pool_id": queue["work_pool_id"], "work_pool_name": queue["work_pool_name"]}
        found = [{**rows[run["id"]], **names} for run in line if run["id"] in rows]
    return Poll([flow_run_json(row, tx.now) for row in found], pool_of(queue), _unnoted([queue], tx.now))


async def note_poll(tx: Transaction, poll: Poll) -> None:
    """Note that somebody asks for runs of the queues: they become ready, and so do the deployments that use them."""
    for queue in sorted(poll.unnoted, key=lambda row: row["id"]):
        noted = await tx.run(_NOTE_POLL, {"queue_id": queue["id"], "since": tx.now - NOTED_EVERY, "now": tx.now})
        if noted and queue["status"] == Status.NOT_READY.value:
            await set_queue_status(tx, queue, poll.pool, Status.READY, only_from=Status.NOT_READY)
    await mark_ready_by_queues(tx, [queue["id"] for queue in poll.unnoted])


async def _front(
    tx: Transaction, pool_id: UUID, names: list[str], window: tuple[datetime, datetime], limit: int
) -> Sequence[Row]:
    asked = {"pool_id": pool_id, "queues": names, "now": tx.now, "after": window[0], "before": window[1]}
    return await tx.rows(FRONT_OF_LINE, {**asked, "limit": limit})


async def _chosen_by_filter(tx: Transaction, queue: Row, before: datetime, limit: int) -> Sequence[Row]:
    """Queues of old choose runs by tags and deployments, wherever they are."""
    run, wanted = flow_runs.c, queue["filter"]
    free = limit if queue["concurrency_limit"] is None else queue["concurrency_limit"] - queue["active_slots"]
    parts = [run.workspace_id == tx.workspace_id, run.state_type == "SCHEDULED"]
    parts += [run.next_scheduled_start_time <= before, may_start(literal(tx.now, Timestamp()))]
    if wanted.get("tags"):
        parts.append(tx.dialect.contains_all(run.tags, wanted["tags"]))
    if wanted.get("deployment_ids"):
        parts.append(tx.dialect.is_one_of(run.deployment_id, [UUID(id_) for id_ in wanted["deployment_ids"]]))
    found = select(*PLACED_COLUMNS).select_from(SOURCE).where(*parts).order_by(run.next_scheduled_start_time, run.id)
    return await tx.rows(found.limit(max(0, min(limit, free))))


def _asked(rows: Sequence[Row], pool: str, names: list[str]) -> list[Row]:
    """Return the queues of the names, all of them where there are none, as rows of queues."""
    known: dict[str, Row] = {
        row["queue_name"]: {**row, "id": row["queue_id"], "name": row["queue_name"]} for row in rows
    }
    for name in names:
        if name not in known:
            raise WorkQueueOfPoolNotFound(pool, name)
    return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())


def _unnoted(asked: Sequence[Row], now: datetime) -> list[Row]:
    return [
        row
        for row in asked
        if row["status"] == Status.NOT_READY.value
        or row["last_polled"] is None
        or now - row["last_polled"] >= NOTED_EVERY
    ]
