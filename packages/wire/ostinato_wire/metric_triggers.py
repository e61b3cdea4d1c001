"""Triggers that watch a number measured over many runs (cloud.md, "Metrics")."""

import operator
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal, TypeAlias
from uuid import UUID, uuid4

from pydantic import AfterValidator, Field

from ostinato_wire.base import WireModel
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, ResourceSpecification

LEAST: Final = timedelta(minutes=5)
MOST: Final = timedelta(days=365)

_KNOWN_LABELS: Final = frozenset({RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, "prefect.work-pool.type"})


def _with_known_labels(specification: ResourceSpecification) -> ResourceSpecification:
    """Refuse labels that no run's objects have: they would match nothing, and nobody would be told."""
    if unknown := specification.keys() - _KNOWN_LABELS:
        raise ValueError(
            f"A metric trigger cannot match the labels {sorted(unknown)}; it knows {sorted(_KNOWN_LABELS)}."
        )
    return specification


RunsSpecification: TypeAlias = Annotated[ResourceSpecification, AfterValidator(_with_known_labels)]
"""Labels that an object must have whose runs are measured; see `ResourceSpecification`."""


class Metric(StrEnum):
    """What is measured of runs: seconds of lateness and duration, and the share of successes, from 0 to 1."""

    LATENESS = "lateness"
    DURATION = "duration"
    SUCCESSES = "successes"
    lateness = LATENESS
    duration = DURATION
    successes = SUCCESSES


class MetricTriggerOperator(StrEnum):
    """How a metric compares to its threshold."""

    LT = "<"
    LTE = "<="
    GT = ">"
    GTE = ">="


_COMPARISONS: dict[MetricTriggerOperator, Callable[[float, float], bool]] = {
    MetricTriggerOperator.LT: operator.lt,
    MetricTriggerOperator.LTE: operator.le,
    MetricTriggerOperator.GT: operator.gt,
    MetricTriggerOperator.GTE: operator.ge,
}


class MetricTriggerQuery(WireModel):
    """A metric over the last `range`, on the wrong side of its threshold for `firing_for`: 300 seconds at least."""

    name: Metric
    threshold: float = Field(allow_inf_nan=False)
    operator: MetricTriggerOperator
    range: timedelta = Field(default=LEAST, ge=LEAST, le=MOST)
    firing_for: timedelta = Field(default=LEAST, ge=LEAST, le=MOST)

    def is_breached(self, value: float | None) -> bool:
        """Whether a value is on the wrong side of the threshold; where nothing was measured it is not."""
        return value is not None and _COMPARISONS[self.operator](value, self.threshold)


class MetricTrigger(WireModel):
    """A metric of the runs of whatever matches: flows, deployments, work queues, work pools, tags."""

    type: Literal["metric"] = "metric"
    id: UUID = Field(default_factory=uuid4)
    match: RunsSpecification = Field(default_factory=dict[str, str | list[str]])
    match_related: RunsSpecification | list[RunsSpecification] = Field(default_factory=dict[str, str | list[str]])
    posture: Literal["Metric"] = "Metric"
    metric: MetricTriggerQuery

    def related(self) -> list[ResourceSpecification]:
        """Return what related objects must meet, one specification each."""
        return self.match_related if isinstance(self.match_related, list) else [self.match_related]
