"""The criteria that filters are made of, and the filters of nouns that others refer to.

One class per shape, not one per noun and member: what a criterion means is told by its members
(behaviour.md, section 3). `any_` keeps rows in the list, `not_any_` rows outside it, `like_` is a case-insensitive
substring, `before_` and `after_` are inclusive, `all_` asks for a superset of tags.
"""

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from ostinato_wire.base import UtcTime, WireModel
from ostinato_wire.states import StateType


class Operator(StrEnum):
    """How criteria are combined."""

    AND = "and_"
    OR = "or_"


class OperatorFilter(WireModel):
    """A filter whose criteria are combined by `operator`."""

    operator: Operator = Operator.AND


class AnyId(WireModel):
    """Ids in the list."""

    any_: list[UUID] | None = None


class AnyOrNotId(WireModel):
    """Ids in one list and not in the other."""

    any_: list[UUID] | None = None
    not_any_: list[UUID] | None = None


class AnyText(WireModel):
    """Texts in the list."""

    any_: list[str] | None = None


class AnyOrNotText(WireModel):
    """Texts in one list and not in the other."""

    any_: list[str] | None = None
    not_any_: list[str] | None = None


class NameFilter(WireModel):
    """Exact names, or a case-insensitive substring."""

    any_: list[str] | None = None
    like_: str | None = None


class PrefixFilter(WireModel):
    """Exact names, or case-insensitive prefixes."""

    any_: list[str] | None = None
    startswith_: list[str] | None = None


class TimeFilter(WireModel):
    """A closed interval of time."""

    before_: UtcTime | None = None
    after_: UtcTime | None = None


class NullableTimeFilter(TimeFilter):
    """A closed interval of time, or whether there is a time at all."""

    is_null_: bool | None = None


class NullableId(OperatorFilter):
    """Ids in the list, or whether there is an id at all."""

    any_: list[UUID] | None = None
    is_null_: bool | None = None


class NullableText(OperatorFilter):
    """Texts in the list, or whether there is a text at all."""

    any_: list[str] | None = None
    is_null_: bool | None = None


class AllTags(OperatorFilter):
    """Rows that carry all these tags, or none at all."""

    all_: list[str] | None = None
    is_null_: bool | None = None


class AnyOrAllTags(AllTags):
    """As `AllTags`, and rows that carry at least one of some tags."""

    any_: list[str] | None = None


class StateTypeFilter(WireModel):
    """State types in one list and not in the other."""

    any_: list[StateType] | None = None
    not_any_: list[StateType] | None = None


class StateFilter(OperatorFilter):
    """By the type or name of the current state."""

    type: StateTypeFilter | None = None
    name: AnyOrNotText | None = None


class FlagFilter(WireModel):
    """Boolean equality."""

    eq_: bool | None = None


class ExistsFilter(WireModel):
    """Whether something exists."""

    exists_: bool | None = None


class TextSearch(WireModel):
    """Words to look for: `"a phrase"`, `-excluded`, `!excluded`, `+required`; blank matches all."""

    query: str = Field(max_length=200)


class LikeFilter(WireModel):
    """A case-insensitive substring."""

    like_: str | None = None


class DeploymentFilterConcurrencyLimit(WireModel):
    """By the limit of a deployment: taken, and without effect, as in the reference."""

    ge_: int | None = None
    le_: int | None = None
    is_null_: bool | None = None


class DeploymentFilterStatus(WireModel):
    """By whether something asks for the runs of a deployment. An extension of the wire."""

    any_: list[Literal["READY", "NOT_READY"]] | None = None


class DeploymentFilter(OperatorFilter):
    """Which deployments."""

    id: AnyOrNotId | None = None
    name: NameFilter | None = None
    flow_or_deployment_name: LikeFilter | None = None
    paused: FlagFilter | None = None
    status: DeploymentFilterStatus | None = None
    tags: AnyOrAllTags | None = None
    work_queue_name: AnyText | None = None
    concurrency_limit: DeploymentFilterConcurrencyLimit | None = None


class WorkPoolFilter(OperatorFilter):
    """Which work pools."""

    id: AnyId | None = None
    name: NameFilter | None = None
    type: AnyText | None = None


class WorkQueueFilter(OperatorFilter):
    """Which work queues."""

    id: AnyId | None = None
    name: PrefixFilter | None = None
