"""What automations wait for: an event, a metric, or a combination of triggers (behaviour.md, section 19.2)."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias, cast
from uuid import UUID, uuid4

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator, model_validator

from ostinato_wire.base import Json, JsonObject, WireModel
from ostinato_wire.events import ResourceSpecification
from ostinato_wire.metric_triggers import MetricTrigger

LEAST_PROACTIVE = timedelta(seconds=10)


def _once(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


Names: TypeAlias = Annotated[list[str], AfterValidator(_once)]
"""A set of names; each is kept once."""


class Posture(StrEnum):
    """Whether a trigger answers to events, or to their absence; flows write the names as the values are, too."""

    REACTIVE = "Reactive"
    PROACTIVE = "Proactive"
    Reactive = REACTIVE
    Proactive = PROACTIVE


class EventTrigger(WireModel):
    """So many events within a time, or fewer; `within` in seconds, 0 for no bound."""

    type: Literal["event"] = "event"
    id: UUID = Field(default_factory=uuid4)
    match: ResourceSpecification = Field(default_factory=dict[str, str | list[str]])
    match_related: ResourceSpecification | list[ResourceSpecification] = Field(
        default_factory=dict[str, str | list[str]]
    )
    after: Names = Field(default_factory=list[str])
    expect: Names = Field(default_factory=list[str])
    for_each: Names = Field(default_factory=list[str])
    posture: Posture
    threshold: int = Field(default=1, ge=-(2**31), lt=2**31)
    within: timedelta = Field(default=timedelta(0), ge=timedelta(0))

    @field_validator("within", mode="before")
    @classmethod
    def _refuse_null(cls, value: Json) -> Json:
        if value is None:
            raise ValueError("`within` should be a valid timedelta")
        return value

    @model_validator(mode="after")
    def _give_proactive_time(self) -> "EventTrigger":
        if self.posture is Posture.PROACTIVE:
            if not self.within:
                self.within = LEAST_PROACTIVE
            if self.within < LEAST_PROACTIVE:
                raise ValueError("`within` for Proactive triggers must be greater than or equal to 10 seconds")
        return self

    def related(self) -> list[ResourceSpecification]:
        """Return what related resources must meet, one specification each."""
        return self.match_related if isinstance(self.match_related, list) else [self.match_related]


def _of_events(triggers: list["Trigger"]) -> list["Trigger"]:
    if any(isinstance(trigger, MetricTrigger) for trigger in triggers):
        raise ValueError(
            "A metric trigger cannot be combined with others. Give it an automation of its own, and expect that one's "
            "event `prefect.automation.triggered` here."
        )
    return triggers


Children: TypeAlias = Annotated[list["Trigger"], AfterValidator(_of_events)]
"""Triggers within another: all of them fire by events."""


class CompoundTrigger(WireModel):
    """Some or all of several triggers within a time, in any order."""

    type: Literal["compound"] = "compound"
    id: UUID = Field(default_factory=uuid4)
    triggers: Children
    within: timedelta | None
    require: int | Literal["any", "all"]

    @model_validator(mode="after")
    def _check_require(self) -> "CompoundTrigger":
        if isinstance(self.require, int):
            if self.require < 1:
                raise ValueError("require must be at least 1")
            if self.require > len(self.triggers):
                raise ValueError("require must be less than or equal to the number of triggers")
        return self


class SequenceTrigger(WireModel):
    """All of several triggers within a time, in their order."""

    type: Literal["sequence"] = "sequence"
    id: UUID = Field(default_factory=uuid4)
    triggers: Children
    within: timedelta | None


def _kind(value: Json) -> str:
    """Return which trigger a value is: without a type, what its members tell."""
    if isinstance(value, dict):
        members = cast(JsonObject, value)
        if "type" in members:
            return str(members["type"])
        if "triggers" in members:
            return "compound" if "require" in members else "sequence"
        return "metric" if "metric" in members else "event"
    return str(getattr(value, "type", "event"))


Trigger: TypeAlias = Annotated[
    Annotated[EventTrigger, Tag("event")]
    | Annotated[CompoundTrigger, Tag("compound")]
    | Annotated[SequenceTrigger, Tag("sequence")]
    | Annotated[MetricTrigger, Tag("metric")],
    Discriminator(_kind),
]

CompoundTrigger.model_rebuild()
SequenceTrigger.model_rebuild()
