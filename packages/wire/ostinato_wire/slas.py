"""Service level agreements: by when runs must have begun, or ended, and how often one must complete (cloud.md, "SLAs").

An agreement is about the runs of a deployment, or about those that have a tag: its `owner_resource` says which.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, TypeAlias, cast
from uuid import UUID

from pydantic import Discriminator, Field, Tag, field_validator

from ostinato_wire.base import Json, JsonObject, UtcTime, WireModel
from ostinato_wire.filters import NameFilter, NullableTimeFilter, OperatorFilter
from ostinato_wire.queries import Slice

MOST: Final = timedelta(days=3650)
DEPLOYMENT: Final = "prefect.deployment."
TAG: Final = "prefect.tag."
"""What the resources begin with that may own agreements."""


class SlaSeverity(StrEnum):
    """How bad a violation is."""

    MINOR = "minor"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    CRITICAL = "critical"


class SlaKind(StrEnum):
    """What an agreement is about."""

    TIME_TO_COMPLETION = "time-to-completion"
    FREQUENCY = "frequency"
    LATENESS = "lateness"


class ServiceLevelAgreement(WireModel):
    """What all agreements have; a name is used once by each owner."""

    name: str = Field(min_length=1)
    severity: SlaSeverity = SlaSeverity.MODERATE
    enabled: bool = True
    owner_resource: str | None = None

    @field_validator("enabled", mode="before")
    @classmethod
    def _enable_by_default(cls, value: Json) -> Json:
        return True if value is None else value


class TimeToCompletionSla(ServiceLevelAgreement):
    """A run ends within `duration` seconds of its start."""

    duration: int = Field(gt=0, le=int(MOST.total_seconds()))


class FrequencySla(ServiceLevelAgreement):
    """Within `stale_after` of each completed run another one completes."""

    stale_after: timedelta = Field(gt=timedelta(0), le=MOST)


class LatenessSla(ServiceLevelAgreement):
    """A run starts `within` so long of the time that it is scheduled for."""

    within: timedelta = Field(gt=timedelta(0), le=MOST)


_MEMBERS: Final = {
    "duration": SlaKind.TIME_TO_COMPLETION,
    "stale_after": SlaKind.FREQUENCY,
    "within": SlaKind.LATENESS,
}


def _kind(value: Json) -> str | None:
    """Return which agreement a value is: the reference's wire tells it by the one member that it has of these."""
    if isinstance(value, dict):
        found = [kind for member, kind in _MEMBERS.items() if cast(JsonObject, value).get(member) is not None]
    else:
        found = [kind for member, kind in _MEMBERS.items() if hasattr(value, member)]
    return found[0] if len(found) == 1 else None


SlaTypes: TypeAlias = Annotated[
    Annotated[TimeToCompletionSla, Tag(SlaKind.TIME_TO_COMPLETION)]
    | Annotated[FrequencySla, Tag(SlaKind.FREQUENCY)]
    | Annotated[LatenessSla, Tag(SlaKind.LATENESS)],
    Discriminator(
        _kind,
        custom_error_type="sla_kind",
        custom_error_message="An SLA has exactly one of `duration`, `stale_after` and `within`, in seconds",
    ),
]


class SlaMergeResponse(WireModel):
    """The names of the agreements that a resource got, kept in another form, and lost."""

    created: list[str]
    updated: list[str]
    deleted: list[str]


class Sla(ServiceLevelAgreement):
    """A stored agreement; of the three times, in seconds, it has the one of its kind."""

    id: UUID
    created: UtcTime
    updated: UtcTime
    kind: SlaKind
    duration: float | None = None
    stale_after: float | None = None
    within: float | None = None
    due: UtcTime | None = None
    """Until when another run must complete (frequency only); null where that has passed and been told."""
    last_violated: UtcTime | None = None
    """The last deadline that was missed; null where none was since the agreement was made."""


class SlaUpdate(WireModel):
    """Body of `PATCH /slas/{id}`."""

    enabled: bool


class SlaKindFilter(WireModel):
    """Kinds in the list."""

    any_: list[SlaKind] | None = None


class SlaSeverityFilter(WireModel):
    """Severities in the list."""

    any_: list[SlaSeverity] | None = None


class SlaFilter(OperatorFilter):
    """Which agreements."""

    name: NameFilter | None = None
    kind: SlaKindFilter | None = None
    severity: SlaSeverityFilter | None = None
    last_violated: NullableTimeFilter | None = None


class SlaSort(StrEnum):
    """Orders of a list of agreements."""

    OWNER_ASC = "OWNER_ASC"
    """By owner, then by name."""
    LAST_VIOLATED_DESC = "LAST_VIOLATED_DESC"
    """Those violated last first, those that never were last."""


class SlasWhere(WireModel):
    """Body of `POST /slas/count`: all agreements, or those of one owner, that match."""

    owner_resource: str | None = None
    slas: SlaFilter | None = None


class SlasQuery(SlasWhere, Slice):
    """Body of `POST /slas/filter`."""

    sort: SlaSort = SlaSort.OWNER_ASC
