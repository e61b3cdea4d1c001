"""Incidents: that something is wrong, from when to when, and what people say of it. Not of the open reference."""

from enum import StrEnum
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, Field

from ostinato_wire.base import Changes, UtcTime, WireModel
from ostinato_wire.events import Resource
from ostinato_wire.filters import AnyId, AnyOrAllTags, NameFilter, OperatorFilter, TimeFilter
from ostinato_wire.queries import Slice

MAXIMUM_NAME_LENGTH = 255
MAXIMUM_RELATED = 50
MAXIMUM_TAGS = 100
MAXIMUM_TEXT_LENGTH = 65_536
"""Characters of a summary or a comment."""


class Severity(StrEnum):
    """How bad it is, the least first."""

    MINOR = "minor"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    CRITICAL = "critical"


class IncidentStatus(StrEnum):
    """Whether it goes on."""

    OPEN = "open"
    RESOLVED = "resolved"


def _distinct(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


IncidentName: TypeAlias = Annotated[str, Field(min_length=1, max_length=MAXIMUM_NAME_LENGTH)]
Text: TypeAlias = Annotated[str, Field(max_length=MAXIMUM_TEXT_LENGTH)]
Tags: TypeAlias = Annotated[list[str], AfterValidator(_distinct), Field(max_length=MAXIMUM_TAGS)]
RelatedResources: TypeAlias = Annotated[list[Resource], Field(max_length=MAXIMUM_RELATED)]


class IncidentCreate(WireModel):
    """Body of `POST /incidents/`; it began now unless `start_time` says otherwise."""

    name: IncidentName
    severity: Severity = Severity.MODERATE
    summary: Text = ""
    start_time: UtcTime | None = None
    tags: Tags = Field(default_factory=list[str])
    related_resources: RelatedResources = Field(default_factory=list[dict[str, str]])


class IncidentUpdate(Changes):
    """Body of `PATCH /incidents/{id}`: the members that are present and not null are written."""

    name: IncidentName | None = None
    severity: Severity | None = None
    summary: Text | None = None
    start_time: UtcTime | None = None
    tags: Tags | None = None
    related_resources: RelatedResources | None = None


class IncidentResolve(WireModel):
    """Body of `POST /incidents/{id}/resolve`; it ended now unless `end_time` says otherwise."""

    end_time: UtcTime | None = None


class Incident(WireModel):
    """An incident; `end_time` is null while it goes on."""

    id: UUID
    created: UtcTime
    updated: UtcTime
    name: str
    status: IncidentStatus
    severity: Severity
    summary: str
    start_time: UtcTime
    end_time: UtcTime | None
    tags: list[str]
    related_resources: list[dict[str, str]]


class IncidentCommentCreate(WireModel):
    """Body of `POST /incidents/{id}/comments`."""

    text: Annotated[str, Field(min_length=1, max_length=MAXIMUM_TEXT_LENGTH)]


class IncidentComment(WireModel):
    """What somebody said of an incident."""

    id: UUID
    created: UtcTime
    incident_id: UUID
    text: str


class IncidentStatusFilter(WireModel):
    """Statuses in the list."""

    any_: list[IncidentStatus] | None = None


class IncidentSeverityFilter(WireModel):
    """Severities in the list."""

    any_: list[Severity] | None = None


class IncidentFilter(OperatorFilter):
    """Which incidents."""

    id: AnyId | None = None
    name: NameFilter | None = None
    status: IncidentStatusFilter | None = None
    severity: IncidentSeverityFilter | None = None
    start_time: TimeFilter | None = None
    tags: AnyOrAllTags | None = None


class IncidentSort(StrEnum):
    """Orders of a list of incidents."""

    START_TIME_DESC = "START_TIME_DESC"
    START_TIME_ASC = "START_TIME_ASC"
    STATUS_ASC = "STATUS_ASC"
    """Open ones first, then those that began last."""
    NAME_ASC = "NAME_ASC"
    UPDATED_DESC = "UPDATED_DESC"


class IncidentsWhere(WireModel):
    """Body of `POST /incidents/count`."""

    incidents: IncidentFilter | None = None


class IncidentsQuery(IncidentsWhere, Slice):
    """Body of `POST /incidents/filter`."""

    sort: IncidentSort = IncidentSort.START_TIME_DESC
