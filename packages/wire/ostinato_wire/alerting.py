"""How an action that tells people something keeps from telling them too much. An extension of the wire."""

from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from ostinato_wire.base import WireModel
from ostinato_wire.schedules import TimeZone


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class GroupBy(StrEnum):
    """What messages have in common that become one. `cause` is the event and the message of the state it tells of."""

    AUTOMATION = "automation"
    DEPLOYMENT = "deployment"
    FLOW = "flow"
    CAUSE = "cause"


class DigestEvery(StrEnum):
    """How often a digest is sent."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


def _on_a_wall_clock(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("must be a time without an offset; `timezone` names the zone")
    return value.replace(second=0, microsecond=0)


WallTime = Annotated[time, AfterValidator(_on_a_wall_clock)]
"""A time such as `22:00` on the wall clock of a zone."""


class QuietHours(WireModel):
    """When nothing is sent: from `start` until `end`, which is on the next day where it is not later than `start`;
    `days` are those on which such a time begins, by default all.
    """

    start: WallTime
    end: WallTime
    timezone: TimeZone = "UTC"
    days: Annotated[list[Weekday], Field(min_length=1)] = Field(default_factory=lambda: list(Weekday))

    @model_validator(mode="after")
    def _ends(self) -> "QuietHours":
        if self.start == self.end and set(self.days) == set(Weekday):
            raise ValueError("quiet_hours would never end: let start and end differ, or leave out a day")
        return self


class Digest(WireModel):
    """One message for all of an hour, a day or a week: sent at `at`, of which the hour does not count for `hour`."""

    every: DigestEvery
    at: WallTime = time(8)
    weekday: Weekday = Weekday.MONDAY
    timezone: TimeZone = "UTC"


class Alerting(WireModel):
    """What becomes one message, and when it is sent. All members are optional and go together.

    - `group_by`: messages of one deployment (flow, cause, automation) within `group_within` seconds of the first
      become one, with a counter.
    - `quiet_hours`: what comes in them is sent at their end, as one message for each group.
    - `digest`: everything becomes one message an hour, a day or a week.
    - `notify_resolved`: when a run of the deployment (flow) that was told of completes, that is told, too.
    """

    group_by: GroupBy | None = None
    group_within: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(days=7))] = timedelta(minutes=1)
    quiet_hours: QuietHours | None = None
    digest: Digest | None = None
    notify_resolved: bool = False

    @model_validator(mode="after")
    def _can_be_resolved(self) -> "Alerting":
        if self.notify_resolved and self.group_by not in (GroupBy.DEPLOYMENT, GroupBy.FLOW):
            raise ValueError("notify_resolved needs group_by deployment or flow: what else is to complete?")
        return self
