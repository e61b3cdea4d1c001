"""`Automation` and its triggers, with the defaults that flows rely on. Actions are in `ostinato.events.actions`."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias, cast
from uuid import UUID

from pydantic import Discriminator, Field, Tag

from ostinato.events.actions import ActionTypes
from ostinato_wire import automations as wire
from ostinato_wire import triggers
from ostinato_wire.base import Json, JsonObject, UtcTime, WireModel
from ostinato_wire.events import ResourceSpecification
from ostinato_wire.triggers import Posture

__all__ = [
    "Automation",
    "AutomationCore",
    "CompoundTrigger",
    "EventTrigger",
    "Metric",
    "MetricTrigger",
    "MetricTriggerOperator",
    "MetricTriggerQuery",
    "Posture",
    "PrefectMetric",
    "SequenceTrigger",
    "Trigger",
    "TriggerTypes",
]

# The unions of triggers are wider here than on our server's wire, which knows no metrics.


class EventTrigger(triggers.EventTrigger):
    """So many events (`threshold`) within a time, or fewer with `posture="Proactive"`; `within` in seconds."""

    posture: Posture = Posture.REACTIVE


class CompoundTrigger(triggers.CompoundTrigger):
    """Some or all (`require`) of several triggers within a time, in any order."""

    triggers: list[TriggerTypes]  # pyright: ignore[reportIncompatibleVariableOverride] - wider, as said above
    within: timedelta | None = None


class SequenceTrigger(triggers.SequenceTrigger):
    """All of several triggers within a time, in their order."""

    triggers: list[TriggerTypes]  # pyright: ignore[reportIncompatibleVariableOverride] - wider, as said above
    within: timedelta | None = None


class Metric(StrEnum):
    """What is measured of runs: seconds of lateness and duration, and the share of successes."""

    LATENESS = "lateness"
    DURATION = "duration"
    SUCCESSES = "successes"
    lateness = LATENESS
    duration = DURATION
    successes = SUCCESSES


PrefectMetric = Metric
"""The name that flows have for it which come from the reference."""


class MetricTriggerOperator(StrEnum):
    """How a metric compares to its threshold."""

    LT = "<"
    LTE = "<="
    GT = ">"
    GTE = ">="


class MetricTriggerQuery(WireModel):
    """A metric over the last `range`, on the wrong side of its threshold for `firing_for`: 300 seconds at least."""

    name: Metric
    threshold: float
    operator: MetricTriggerOperator
    range: timedelta = Field(default=timedelta(seconds=300), ge=timedelta(seconds=300))
    firing_for: timedelta = Field(default=timedelta(seconds=300), ge=timedelta(seconds=300))


class MetricTrigger(WireModel):
    """A metric of runs; servers that have none of these triggers refuse them."""

    type: Literal["metric"] = "metric"
    match: ResourceSpecification = Field(default_factory=dict[str, str | list[str]])
    match_related: ResourceSpecification | list[ResourceSpecification] = Field(
        default_factory=dict[str, str | list[str]]
    )
    posture: Literal["Metric"] = "Metric"
    metric: MetricTriggerQuery


Trigger: TypeAlias = EventTrigger | CompoundTrigger | SequenceTrigger | MetricTrigger


def kind_of(value: Json | Trigger) -> str:
    """Return which trigger a value is: without a type, what its members tell."""
    if not isinstance(value, dict):
        return str(getattr(value, "type", "event"))
    members = cast("JsonObject", value)
    if "type" in members:
        return str(members["type"])
    if "triggers" in members:
        return "compound" if "require" in members else "sequence"
    return "metric" if members.get("posture") == "Metric" or "metric" in members else "event"


TriggerTypes: TypeAlias = Annotated[
    Annotated[EventTrigger, Tag("event")]
    | Annotated[CompoundTrigger, Tag("compound")]
    | Annotated[SequenceTrigger, Tag("sequence")]
    | Annotated[MetricTrigger, Tag("metric")],
    Discriminator(kind_of),
]

CompoundTrigger.model_rebuild()
SequenceTrigger.model_rebuild()


class AutomationCore(wire.AutomationCreate):
    """What is done (`actions`) when a trigger fires, and when it fires or resolves as a whole."""

    trigger: TriggerTypes  # pyright: ignore[reportIncompatibleVariableOverride] - wider, as said above
    actions: list[ActionTypes]  # pyright: ignore[reportIncompatibleVariableOverride] - as above
    actions_on_trigger: list[ActionTypes] = Field(default_factory=list[ActionTypes])  # pyright: ignore[reportIncompatibleVariableOverride] - as above
    actions_on_resolve: list[ActionTypes] = Field(default_factory=list[ActionTypes])  # pyright: ignore[reportIncompatibleVariableOverride] - as above


class Automation(AutomationCore):
    """An automation that a server has."""

    id: UUID
    created: UtcTime | None = None
    updated: UtcTime | None = None
