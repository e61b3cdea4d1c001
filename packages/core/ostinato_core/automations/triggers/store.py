"""All SQL about what triggers remember: buckets, firings of children, and events that wait for others."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, bindparam, delete, false, literal, or_, select, true, tuple_

from ostinato_core.automations.firing_json import firing_json, read_firing
from ostinato_core.automations.firings import Firing
from ostinato_core.automations.triggers.buckets import Bucket
from ostinato_core.automations.triggers.composites import Composite, Stored
from ostinato_core.automations.triggers.cursors import KEPT_FOR
from ostinato_core.automations.triggers.evaluation import BucketKey, Memory
from ostinato_core.automations.triggers.index import TriggerIndex
from ostinato_core.automations.triggers.order import PATIENCE
from ostinato_core.automations.triggers.watches import Watch
from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared, prepare, prepare_insert_or_ignore
from ostinato_core.db.tables import events, trigger_buckets, trigger_firings, trigger_followers
from ostinato_core.db.types import dumps
from ostinato_core.events.stored import Cursor, StoredEvent, from_content, from_row, select_events
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction

_BUCKET = trigger_buckets.c
_FIRING = trigger_firings.c
_FOLLOWER = trigger_followers.c
_EVENT = events.c

SWEPT: Final = 1000
"""Buckets that are deleted at once, at most."""
OVER: Final = 100
"""Events that have waited long enough and are evaluated at once, at most: after an outage there may be many."""


def _write(table: Any, key: Sequence[str], changed: Sequence[str]) -> Prepared:  # Any: a table
    def build(dialect: Dialect) -> Executable:
        statement = dialect.insert(table).inline()
        values = {name: statement.excluded[name] for name in changed}
        return statement.on_conflict_do_update(index_elements=list(key), set_=values)

    return Prepared(build, [column.name for column in table.columns])


_LOAD_BUCKETS: Final = Prepared(lambda dialect: select(trigger_buckets).where(dialect.is_in(_BUCKET.id, "ids")))
_WRITE_BUCKET: Final = _write(trigger_buckets, ["id"], ["begins", "ends", "count", "last_event"])
_WRITE_FIRING: Final = _write(trigger_firings, ["trigger_id", "child_id"], ["firing"])
_DELETE_BUCKET: Final = prepare(delete(trigger_buckets).where(_BUCKET.id == bindparam("bucket")))
_DELETE_FIRING: Final = prepare(
    delete(trigger_firings).where(_FIRING.trigger_id == bindparam("trigger"), _FIRING.child_id == bindparam("child"))
)
_PARK: Final = prepare_insert_or_ignore(trigger_followers, "event_id")
_UNPARK: Final = prepare(delete(trigger_followers).where(_FOLLOWER.event_id == bindparam("event")))


async def load_buckets(tx: Transaction, keys: Collection[BucketKey]) -> dict[BucketKey, Bucket]:
    """Return those of the buckets that there are."""
    wanted = {_bucket_id(key): key for key in keys}
    if not wanted:
        return {}
    found = await tx.rows(_LOAD_BUCKETS, {"ids": sorted(wanted)})
    return {wanted[row["id"]]: _bucket(row) for row in found}


async def load_due(tx: Transaction, now: datetime, most: int) -> dict[BucketKey, Bucket]:
    """Return buckets of proactive triggers that have ended, those first that ended first."""
    due = _BUCKET.workspace_id == tx.workspace_id, _BUCKET.is_proactive == true(), _BUCKET.ends <= now
    rows = await tx.rows(select(trigger_buckets).where(*due).order_by(_BUCKET.ends).limit(most))
    return {(row["trigger_id"], tuple(row["key"])): _bucket(row) for row in rows}


async def load_firings(tx: Transaction, composites: Collection[UUID]) -> dict[UUID, Stored]:
    """Return what is stored of the firings of the children of composite triggers."""
    if not composites:
        return {}
    rows = await tx.rows(select(trigger_firings).where(tx.dialect.is_one_of(_FIRING.trigger_id, sorted(composites))))
    found: dict[UUID, dict[UUID, Firing]] = {}
    for row in rows:
        firing = read_firing(row["firing"])
        found.setdefault(row["trigger_id"], {})[firing.trigger_id] = firing
    return dict(found)


async def save(tx: Transaction, before: Memory, after: Memory, index: TriggerIndex) -> None:
    """Write what has become of buckets and firings, of triggers that are all in the index."""
    gone = [{"bucket": _bucket_id(key)} for key in before.buckets if key not in after.buckets]
    if gone:
        await tx.run(_DELETE_BUCKET, gone)
    new = [
        _bucket_row(tx, key, bucket, index.watches[key[0]])
        for key, bucket in after.buckets.items()
        if before.buckets.get(key) is not bucket
    ]
    if new:
        await tx.run(_WRITE_BUCKET, new)
    for composite_id, stored in after.firings.items():
        await _save_firings(tx, index.composites[composite_id], before.firings.get(composite_id, {}), stored)


async def _save_firings(tx: Transaction, composite: Composite, before: Stored, after: Stored) -> None:
    for child in before.keys() - after.keys():
        await tx.run(_DELETE_FIRING, {"trigger": composite.id, "child": child})
    for child, firing in after.items():
        if before.get(child) is not firing:
            row = {"trigger_id": composite.id, "child_id": child, "automation_id": composite.automation_id}
            await tx.run(_WRITE_FIRING, {**row, "workspace_id": tx.workspace_id, "firing": firing_json(firing)})


async def sweep(tx: Transaction, now: datetime) -> None:
    """Delete buckets of reactive triggers that ended some time ago."""
    is_old = _BUCKET.ends <= now - KEPT_FOR
    old = _BUCKET.workspace_id == tx.workspace_id, _BUCKET.is_proactive == false(), is_old
    chosen = select(_BUCKET.id).where(*old).order_by(_BUCKET.ends).limit(SWEPT)
    await tx.run(delete(trigger_buckets).where(_BUCKET.id.in_(chosen.scalar_subquery())))


async def forget(tx: Transaction, automation_id: UUID) -> None:
    """Delete what an automation's triggers have counted: it was replaced, or what came meanwhile was not counted."""
    await tx.run(delete(trigger_buckets).where(_BUCKET.automation_id == automation_id))
    await tx.run(delete(trigger_firings).where(_FIRING.automation_id == automation_id))


async def load_parked(tx: Transaction, leaders: Collection[UUID], now: datetime) -> dict[UUID, StoredEvent]:
    """Return the events that have waited long enough, or wait for one of `leaders`, and those that wait for them."""
    is_over = _FOLLOWER.workspace_id == tx.workspace_id, _FOLLOWER.until <= now
    over = select(_FOLLOWER.event_id).where(*is_over).order_by(_FOLLOWER.until).limit(OVER)
    first = _FOLLOWER.event_id.in_(over.scalar_subquery())
    wanted = or_(first, tx.dialect.is_one_of(_FOLLOWER.leader_id, sorted(leaders)))
    found: dict[UUID, StoredEvent] = {}
    while new := [event for event in await _parked(tx, wanted) if event.id not in found]:
        found |= {event.id: event for event in new}
        wanted = tx.dialect.is_one_of(_FOLLOWER.leader_id, [event.id for event in new])
    return found


async def _parked(tx: Transaction, wanted: ColumnElement[bool]) -> list[StoredEvent]:
    return [from_content(row["event"]) for row in await tx.rows(select(_FOLLOWER.event).where(wanted))]


async def find_event(tx: Transaction, event_id: UUID) -> StoredEvent | None:
    """Return the event of an id, if the log has it still."""
    row = await tx.first(select_events().where(_EVENT.id == event_id, _EVENT.workspace_id == tx.workspace_id).limit(1))
    return None if row is None else from_row(row)


async def find_evaluated(tx: Transaction, ids: Collection[UUID], until: Cursor) -> set[UUID]:
    """Return which of these events are in the log up to a place and do not wait."""
    wanted = sorted(ids)
    # SQLite has no numbers of transactions: there they are all 0.
    place = tuple_(_EVENT.transaction_id, _EVENT.position) <= tuple_(*map(literal, until))
    waits = select(_FOLLOWER.event_id).where(_FOLLOWER.event_id == _EVENT.id).exists()
    found = await tx.rows(select(_EVENT.id).where(tx.dialect.is_one_of(_EVENT.id, wanted), place, ~waits))
    return {row["id"] for row in found}


async def save_parked(tx: Transaction, before: Mapping[UUID, StoredEvent], after: Mapping[UUID, StoredEvent]) -> None:
    """Write which events wait."""
    for event_id in before.keys() - after.keys():
        await tx.run(_UNPARK, {"event": event_id})
    for event_id in sorted(after.keys() - before.keys()):
        event = after[event_id]
        row = {"event_id": event.id, "leader_id": event.follows, "until": event.received + PATIENCE}
        await tx.run(_PARK, {**row, "workspace_id": tx.workspace_id, "event": event.content()})


async def forget_parked(tx: Transaction) -> None:
    """Delete all events that wait."""
    await tx.run(delete(trigger_followers).where(_FOLLOWER.workspace_id == tx.workspace_id))


def _bucket_id(key: BucketKey) -> UUID:
    return UUID(bytes=blake2b(key[0].bytes + dumps(key[1]).encode(), digest_size=16).digest())


def _bucket(row: Row) -> Bucket:
    last_event = None if row["last_event"] is None else from_content(row["last_event"])
    return Bucket(row["begins"], row["ends"], row["count"], last_event)


def _bucket_row(tx: Transaction, key: BucketKey, bucket: Bucket, watch: Watch) -> dict[str, Any]:  # Any: of many types
    # Only proactive triggers fire by a bucket's last event.
    is_kept = bucket.last_event is not None and not watch.terms.is_reactive
    return {
        "id": _bucket_id(key),
        "workspace_id": tx.workspace_id,
        "automation_id": watch.automation_id,
        "trigger_id": watch.id,
        "key": list(key[1]),
        "begins": bucket.start,
        "ends": bucket.end,
        "count": bucket.count,
        "last_event": bucket.last_event.content() if bucket.last_event is not None and is_kept else None,
        "is_proactive": not watch.terms.is_reactive,
    }
