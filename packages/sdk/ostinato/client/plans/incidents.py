"""Incidents, and the comments on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.client.operation import decode, encode, facts
from ostinato.client.plans.filters import body_of
from ostinato.client.steps import Plan, Request
from ostinato.exceptions import ObjectNotFound
from ostinato_wire.incidents import (
    Incident,
    IncidentComment,
    IncidentCommentCreate,
    IncidentCreate,
    IncidentFilter,
    IncidentResolve,
    IncidentUpdate,
)

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def declare_incident(body: IncidentCreate) -> Plan[Incident]:
    """Declare an incident."""
    with facts():
        response = yield Request("POST", "/incidents/", encode(body))
    return decode(response, Incident)


def read_incident(incident_id: UUID) -> Plan[Incident | None]:
    """Return an incident; None if there is no such incident."""
    try:
        with facts():
            response = yield Request("GET", f"/incidents/{incident_id}")
    except ObjectNotFound:
        return None
    return decode(response, Incident)


def read_incidents(
    incident_filter: IncidentFilter | None = None, limit: int | None = None, offset: int = 0
) -> Plan[list[Incident]]:
    """Return incidents that meet the filter, those that began last first."""
    body = body_of({}, incidents=incident_filter, limit=limit, offset=offset)
    response = yield Request("POST", "/incidents/filter", encode(body))
    return decode(response, list[Incident])


def update_incident(incident_id: UUID, body: IncidentUpdate) -> Plan[None]:
    """Change the members of an incident that are set in `body`. Raises ObjectNotFound."""
    with facts():
        yield Request("PATCH", f"/incidents/{incident_id}", encode(body.model_dump(mode="json", exclude_unset=True)))


def resolve_incident(incident_id: UUID, end_time: datetime | None = None) -> Plan[Incident]:
    """Let an incident end. Raises ObjectNotFound, and ObjectAlreadyExists if it is resolved already."""
    with facts():
        body = encode(IncidentResolve(end_time=end_time))
        response = yield Request("POST", f"/incidents/{incident_id}/resolve", body)
    return decode(response, Incident)


def reopen_incident(incident_id: UUID) -> Plan[Incident]:
    """Let an incident go on. Raises ObjectNotFound, and ObjectAlreadyExists if it is open already."""
    with facts():
        response = yield Request("POST", f"/incidents/{incident_id}/reopen", b"{}")
    return decode(response, Incident)


def add_incident_comment(incident_id: UUID, text: str) -> Plan[IncidentComment]:
    """Say something of an incident. Raises ObjectNotFound."""
    with facts():
        body = encode(IncidentCommentCreate(text=text))
        response = yield Request("POST", f"/incidents/{incident_id}/comments", body)
    return decode(response, IncidentComment)


def read_incident_comments(incident_id: UUID) -> Plan[list[IncidentComment]]:
    """Return what was said of an incident, the oldest first. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/incidents/{incident_id}/comments")
    return decode(response, list[IncidentComment])
