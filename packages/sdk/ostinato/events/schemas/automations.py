"""`Automation` and its triggers, with the defaults that flows rely on. Actions are in `ostinato.events.actions`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, TypeAlias, cast
from uuid import UUID

from pydantic import Discriminator, Field, Tag

from ostinato.events.actions import ActionTypes
from ostinato_wire import automations as wire
from ostinato_wire import triggers
from ostinato_wire.base import Json, JsonObject, UtcTime
from ostinato_wire.metric_triggers import Metric, MetricTrigger, MetricTriggerOperator, MetricTriggerQuery
from ostinato_wire.triggers import Posture

if TYPE_CHECKING:
    from collections.abc import Collection

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

# The triggers of the wire, with what flows may leave out.


class EventTrigger(triggers.EventTrigger):
    """So many events (`threshold`) within a time, or fewer with `posture="Proactive"`; `within` in seconds."""

    posture: Posture = Posture.REACTIVE
    if TYPE_CHECKING:  # sets are taken, too, and stored as lists
        after: Collection[str] = ()  # pyright: ignore[reportIncompatibleVariableOverride] - as said here
        expect: Collection[str] = ()  # pyright: ignore[reportIncompatibleVariableOverride] - as above
        for_each: Collection[str] = ()  # pyright: ignore[reportIncompatibleVariableOverride] - as above


class CompoundTrigger(triggers.CompoundTrigger):
    """Some or all (`require`) of several triggers within a time, in any order."""

    triggers: list[TriggerTypes]  # pyright: ignore[reportIncompatibleVariableOverride] - with defaults, as said above
    within: timedelta | None = None


class SequenceTrigger(triggers.SequenceTrigger):
    """All of several triggers within a time, in their order."""

    triggers: list[TriggerTypes]  # pyright: ignore[reportIncompatibleVariableOverride] - with defaults, as said above
    within: timedelta | None = None


PrefectMetric = Metric
"""The name that flows have for it which come from the reference."""

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

    trigger: TriggerTypes  # pyright: ignore[reportIncompatibleVariableOverride] - with defaults, as said above
    actions: list[ActionTypes]  # pyright: ignore[reportIncompatibleVariableOverride] - as above
    actions_on_trigger: list[ActionTypes] = Field(default_factory=list[ActionTypes])  # pyright: ignore[reportIncompatibleVariableOverride] - as above
    actions_on_resolve: list[ActionTypes] = Field(default_factory=list[ActionTypes])  # pyright: ignore[reportIncompatibleVariableOverride] - as above


class Automation(AutomationCore):
    """An automation that a server has."""

    id: UUID
    created: UtcTime | None = None
    updated: UtcTime | None = None
