"""Flows: what a decorated function is called on the server."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from ostinato_wire.base import Changes, KeyValueLabels, Name, UtcTime, WireModel
from ostinato_wire.filters import AllTags, AnyOrNotId, NameFilter, OperatorFilter


class FlowCreate(WireModel):
    """Body of `POST /flows/`: made if the name is new, else the stored flow is answered unchanged."""

    name: Name
    tags: list[str] = Field(default_factory=list)
    labels: KeyValueLabels | None = None


class FlowUpdate(Changes):
    """Body of `PATCH /flows/{id}`."""

    tags: list[str] = Field(default_factory=list)


class Flow(WireModel):
    """A stored flow."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    name: str
    tags: list[str] = Field(default_factory=list)
    labels: KeyValueLabels | None = None


class FlowFilterDeployment(OperatorFilter):
    """Whether the flow has deployments."""

    is_null_: bool | None = None


class FlowFilter(OperatorFilter):
    """Which flows."""

    id: AnyOrNotId | None = None
    deployment: FlowFilterDeployment | None = None
    name: NameFilter | None = None
    tags: AllTags | None = None


class FlowSort(StrEnum):
    """Orders of a list of flows."""

    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"


class FlowBulkDeleteResult(WireModel):
    """The flows that were deleted."""

    deleted: list[UUID] = Field(default_factory=list[UUID])
