"""Events: what happened, to which resource, and which others had a part in it."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, Field

from ostinato_wire.base import JsonObject, UtcTime, WireModel
from ostinato_wire.filters import TextSearch

RESOURCE_ID = "prefect.resource.id"
RESOURCE_NAME = "prefect.resource.name"
RESOURCE_ROLE = "prefect.resource.role"

MAXIMUM_NAME_LENGTH = 1024
MAXIMUM_LABELS_PER_RESOURCE = 500
MAXIMUM_RELATED_RESOURCES = 100
MAXIMUM_SIZE_BYTES = 1_500_000
"""Bytes of one event's JSON."""


def _with_id(labels: dict[str, str]) -> dict[str, str]:
    if not labels.get(RESOURCE_ID):
        raise ValueError(f"Resources must include the {RESOURCE_ID} label")
    if len(labels) > MAXIMUM_LABELS_PER_RESOURCE:
        raise ValueError(f"The maximum number of labels per resource is {MAXIMUM_LABELS_PER_RESOURCE}")
    return labels


def _with_role(labels: dict[str, str]) -> dict[str, str]:
    if not labels.get(RESOURCE_ROLE):
        raise ValueError(f"Related Resources must include the {RESOURCE_ROLE} label")
    return labels


Resource: TypeAlias = Annotated[dict[str, str], AfterValidator(_with_id)]
"""Labels of a resource; `prefect.resource.id` is required."""

RelatedResource: TypeAlias = Annotated[dict[str, str], AfterValidator(_with_id), AfterValidator(_with_role)]
"""Labels of a related resource; `prefect.resource.id` and `prefect.resource.role` are required."""


class Event(WireModel):
    """An event as a client sends it; `id` is the key by which duplicates are recognised."""

    occurred: UtcTime
    event: str = Field(max_length=MAXIMUM_NAME_LENGTH)
    resource: Resource
    related: list[RelatedResource] = Field(default_factory=list[dict[str, str]], max_length=MAXIMUM_RELATED_RESOURCES)
    payload: JsonObject = Field(default_factory=dict)
    id: UUID
    follows: UUID | None = None


class ReceivedEvent(Event):
    """An event with the time at which the server took it in."""

    received: UtcTime


def _start_of_window() -> datetime:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=180)


def _now() -> datetime:
    return datetime.now(UTC)


class EventOccurredFilter(WireModel):
    """A closed interval of time; by default the last 180 days until now."""

    since: UtcTime = Field(default_factory=_start_of_window)
    until: UtcTime = Field(default_factory=_now)


class EventNameFilter(WireModel):
    """By event name: all given criteria must hold."""

    prefix: list[str] | None = None
    exclude_prefix: list[str] | None = None
    name: list[str] | None = None
    exclude_name: list[str] | None = None


ResourceSpecification: TypeAlias = dict[str, str | list[str]]
"""Label -> value or values; `*` and `?` are wildcards, a leading `!` negates."""


class EventResourceFilter(WireModel):
    """By the primary resource."""

    id: list[str] | None = None
    id_prefix: list[str] | None = None
    labels: ResourceSpecification | None = None
    distinct: bool = False


class EventRelatedFilter(WireModel):
    """By one related resource that meets all members."""

    id: list[str] | None = None
    role: list[str] | None = None
    resources_in_roles: list[tuple[str, str]] | None = None
    labels: ResourceSpecification | None = None


class EventAnyResourceFilter(WireModel):
    """By the primary or a related resource."""

    id: list[str] | None = None
    id_prefix: list[str] | None = None
    labels: ResourceSpecification | None = None


class EventIdFilter(WireModel):
    """By event id."""

    id: list[UUID] | None = None


class EventOrder(StrEnum):
    """By time of occurrence."""

    ASC = "ASC"
    DESC = "DESC"


class EventFilter(WireModel):
    """Which events."""

    occurred: EventOccurredFilter = Field(default_factory=EventOccurredFilter)
    event: EventNameFilter | None = None
    resource: EventResourceFilter | None = None
    related: EventRelatedFilter | list[EventRelatedFilter] | None = None
    any_resource: EventAnyResourceFilter | list[EventAnyResourceFilter] | None = None
    id: EventIdFilter = Field(default_factory=EventIdFilter)
    text: TextSearch | None = None
    order: EventOrder = EventOrder.DESC


class EventPageRequest(WireModel):
    """Body of `POST /events/filter`."""

    filter: EventFilter | None = None
    limit: int = Field(default=50, ge=0, le=50)


class EventPage(WireModel):
    """A page of events; `total` counts all matches."""

    events: list[ReceivedEvent]
    total: int
    next_page: str | None


class Countable(StrEnum):
    """By what events are counted."""

    DAY = "day"
    TIME = "time"
    EVENT = "event"
    RESOURCE = "resource"


class TimeUnit(StrEnum):
    """Units of a bucket of time."""

    WEEK = "week"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"


class EventCountRequest(WireModel):
    """Body of `POST /events/count-by/{countable}`; unit and interval are those of `time`."""

    filter: EventFilter
    time_unit: TimeUnit = TimeUnit.DAY
    time_interval: float = Field(default=1.0, ge=0.01, allow_inf_nan=False)


class EventPageQuery(WireModel):
    """Query of `GET /events/filter/next`."""

    page_token: str = Field(alias="page-token")


class EventCount(WireModel):
    """How many events there were of one value."""

    value: str
    label: str
    count: int
    start_time: UtcTime
    end_time: UtcTime
