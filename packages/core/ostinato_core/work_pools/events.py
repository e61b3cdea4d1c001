"""The events that tell of work pools and their queues (behaviour.md, section 21.3)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ostinato_core.events.new_event import NewEvent
from ostinato_core.states.rows import JsonDict, Row
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

Labels = dict[str, str]

FOLLOWS_WITHIN = timedelta(minutes=10)
"""A change of status that comes later than this is not said to follow the one before."""

POOL_TYPE = "prefect.work-pool.type"


def pool_resource(row: Row, *, role: bool = True) -> Labels:
    """Return a pool as a resource of an event; events of its status leave out the role."""
    labels = {RESOURCE_ID: f"prefect.work-pool.{row['id']}", RESOURCE_NAME: row["name"], POOL_TYPE: row["type"]}
    return labels | {RESOURCE_ROLE: "work-pool"} if role else labels


def queue_resource(row: Row) -> Labels:
    """Return a queue as a resource of an event."""
    return {
        RESOURCE_ID: f"prefect.work-queue.{row['id']}",
        RESOURCE_NAME: row["name"],
        RESOURCE_ROLE: "work-queue",
    }


def pool_event(change: str, row: Row) -> NewEvent:
    """Return the event that a pool was created or deleted; it names the default queue and where results are kept."""
    related = [{RESOURCE_ID: f"prefect.work-queue.{row['default_queue_id']}", RESOURCE_ROLE: "default-queue"}]
    block = row["storage_configuration"].get("default_result_storage_block_id")
    if block is not None:
        related.append({RESOURCE_ID: f"prefect.block-document.{block}", RESOURCE_ROLE: "result-storage"})
    return {"event": f"prefect.work-pool.{change}", "resource": pool_resource(row), "related": related}


def queue_event(change: str, row: Row, pool: Row) -> NewEvent:
    """Return the event that a queue of a pool was created or deleted, or changed its status."""
    return {
        "event": f"prefect.work-queue.{change}",
        "resource": queue_resource(row),
        "related": [pool_resource(pool)],
    }


def updates(before: Row, after: Row, fields: Iterable[str]) -> JsonDict | None:
    """Return the payload that tells which of `fields` changed and how, None where none did."""
    changed = [field for field in fields if before[field] != after[field]]
    if not changed:
        return None
    return {
        "updated_fields": changed,
        "updates": {field: {"from": before[field], "to": after[field]} for field in changed},
    }


def status_name(status: str) -> str:
    """Return the last part of the name of the event that tells of a status."""
    return status.lower().replace("_", "-")


def followed(row: Row, now: datetime) -> UUID | None:
    """Return the event of the status before, if it is not too old."""
    changed: Any = row["status_changed"]  # Any: a time, or None
    return row["status_event_id"] if changed is not None and now - changed < FOLLOWS_WITHIN else None
