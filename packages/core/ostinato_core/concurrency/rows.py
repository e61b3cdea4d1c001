"""From rows to limits and to what the API answers."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from ostinato_core.concurrency.slots import TAG_PREFIX, Limit
from ostinato_core.states.rows import JsonDict, Row


def limit_of(row: Row) -> Limit:
    """Return a limit for the arithmetic."""
    return Limit(
        id=row["id"],
        name=row["name"],
        active=bool(row["active"]),
        limit=row["limit"],
        decay=row["slot_decay_per_second"],
        occupancy=row["avg_slot_occupancy_seconds"],
        unleased=row["unleased_slots"],
        drained_at=row["drained_at"],
        denied=row["denied_slots"],
        denied_at=row["denied_at"],
        version=row["version"],
        leased=row["leased"],
        lapsed=row["lapsed"],
        lapsed_leases=row["lapsed_leases"],
    )


def limit_json(row: Row, now: datetime) -> JsonDict:
    """Return a limit as reads answer it."""
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "active": bool(row["active"]),
        "name": row["name"],
        "limit": row["limit"],
        "active_slots": limit_of(row).in_use(now),
        "slot_decay_per_second": row["slot_decay_per_second"],
    }


def new_limit_json(row: Row) -> JsonDict:
    """Return a limit as its making answers it."""
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "active": row["active"],
        "name": row["name"],
        "limit": row["limit"],
        "active_slots": int(row["unleased_slots"]),
        "denied_slots": int(row["denied_slots"]),
        "slot_decay_per_second": row["slot_decay_per_second"],
        "avg_slot_occupancy_seconds": row["avg_slot_occupancy_seconds"],
    }


def tag_limit_json(row: Row, holders: Sequence[UUID]) -> JsonDict:
    """Return a limit on a tag as the routes for tags answer it."""
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "tag": row["name"].removeprefix(TAG_PREFIX),
        "concurrency_limit": row["limit"],
        "active_slots": holders,
    }


def minimal_json(limits: Iterable[Limit]) -> list[JsonDict]:
    """Return limits as the taking of their slots answers them."""
    return [{"id": limit.id, "name": limit.name, "limit": limit.limit} for limit in limits]
