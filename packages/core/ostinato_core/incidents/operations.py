"""What can be done with incidents."""

from typing import Final
from uuid import UUID

from ostinato_core.events.outbox import record
from ostinato_core.ids import new_id
from ostinato_core.incidents import repository
from ostinato_core.incidents.errors import EndsBeforeItBegins, IncidentNotOpen, IncidentNotResolved
from ostinato_core.incidents.events import changes_of, incident_event
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.incidents import (
    IncidentCommentCreate,
    IncidentCreate,
    IncidentResolve,
    IncidentsQuery,
    IncidentStatus,
    IncidentsWhere,
    IncidentUpdate,
)

TOLD: Final = ("name", "summary", "severity", "start_time", "related_resources", "tags")
"""Members of which each change is an event of its own."""


async def declare_incident(tx: Transaction, given: IncidentCreate) -> JsonDict:
    """Declare an incident, and return it."""
    row: JsonDict = {
        "id": new_id(),
        "created": tx.now,
        "updated": tx.now,
        **given.model_dump(),
        "severity": given.severity.value,
        "status": IncidentStatus.OPEN.value,
        "start_time": given.start_time or tx.now,
        "end_time": None,
    }
    await repository.insert(tx, row)
    await record(tx, incident_event("declared", row, row))
    return row


async def read_incident(tx: Transaction, incident_id: UUID) -> Row:
    """Return an incident. Errors: IncidentNotFound."""
    return dict(await repository.get(tx, incident_id))


async def read_incidents(tx: Transaction, query: IncidentsQuery, limit: int) -> list[Row]:
    """Return incidents that match, at most `limit`."""
    rows = await repository.select_where(tx, query.incidents, query.sort, limit, query.offset)
    return [dict(row) for row in rows]


async def count_incidents(tx: Transaction, where: IncidentsWhere) -> int:
    """Return how many incidents match."""
    return await repository.count_where(tx, where.incidents)


async def update_incident(tx: Transaction, incident_id: UUID, update: IncidentUpdate) -> None:
    """Write the members that are present; each that differs is told. Errors: IncidentNotFound, EndsBeforeItBegins."""
    values = update.model_dump(exclude_unset=True, exclude_none=True)
    if update.severity is not None:
        values["severity"] = update.severity.value
    before, after = await _change(tx, await repository.get(tx, incident_id, locked=True), values)
    changes = changes_of(before, after, TOLD)
    await record(tx, *(incident_event(f"updated.{name}", after, change) for name, change in changes.items()))


async def resolve_incident(tx: Transaction, incident_id: UUID, given: IncidentResolve) -> Row:
    """Let an incident end, and return it. Errors: IncidentNotFound, IncidentNotOpen, EndsBeforeItBegins."""
    stored = await repository.get(tx, incident_id, locked=True)
    if stored["status"] != IncidentStatus.OPEN:
        raise IncidentNotOpen
    values = {"status": IncidentStatus.RESOLVED.value, "end_time": given.end_time or max(tx.now, stored["start_time"])}
    _, after = await _change(tx, stored, values)
    await record(tx, incident_event("resolved", after, {"end_time": after["end_time"]}))
    return after


async def reopen_incident(tx: Transaction, incident_id: UUID) -> Row:
    """Let an incident go on, and return it. Errors: IncidentNotFound, IncidentNotResolved."""
    stored = await repository.get(tx, incident_id, locked=True)
    if stored["status"] != IncidentStatus.RESOLVED:
        raise IncidentNotResolved
    _, after = await _change(tx, stored, {"status": IncidentStatus.OPEN.value, "end_time": None})
    await record(tx, incident_event("reopened", after, {"end_time": stored["end_time"]}))
    return after


async def add_comment(tx: Transaction, incident_id: UUID, given: IncidentCommentCreate) -> JsonDict:
    """Add a comment to an incident, and return it. Errors: IncidentNotFound."""
    incident = await repository.get(tx, incident_id)
    comment: JsonDict = {"id": new_id(), "created": tx.now, "incident_id": incident_id, "text": given.text}
    await repository.insert_comment(tx, comment)
    await record(tx, incident_event("comment.added", incident, {"comment": comment}))
    return comment


async def read_comments(tx: Transaction, incident_id: UUID) -> list[Row]:
    """Return the comments on an incident, the oldest first. Errors: IncidentNotFound."""
    await repository.get(tx, incident_id)
    return [dict(row) for row in await repository.comments_of(tx, incident_id)]


async def _change(tx: Transaction, stored: Row, values: JsonDict) -> tuple[Row, Row]:
    """Write members of an incident, and return what it was and is. Errors: EndsBeforeItBegins."""
    after = {**stored, **values, "updated": tx.now}
    if after["end_time"] is not None and after["end_time"] < after["start_time"]:
        raise EndsBeforeItBegins
    await repository.write(tx, stored["id"], {**values, "updated": tx.now})
    return stored, after
