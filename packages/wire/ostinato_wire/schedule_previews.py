"""What a schedule comes to, before it is stored: an extension of the wire."""

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from ostinato_wire.base import UtcTime, WireModel
from ostinato_wire.schedules import CronSchedule, IntervalSchedule, RRuleSchedule

MOST_INSTANTS = 50
"""Instants that one preview shows."""


def kind_of(schedule: Any) -> str | None:  # Any: JSON, or one of the schedules
    """Return which kind a schedule is of, by its members; None where it is of none."""
    for kind in ("interval", "cron", "rrule"):
        if (kind in schedule) if isinstance(schedule, dict) else hasattr(schedule, kind):
            return kind
    return None


OneSchedule = Annotated[
    Annotated[IntervalSchedule, Tag("interval")]
    | Annotated[CronSchedule, Tag("cron")]
    | Annotated[RRuleSchedule, Tag("rrule")],
    Discriminator(
        kind_of,
        custom_error_type="schedule_kind",
        custom_error_message="A schedule needs one of interval (seconds), cron or rrule",
    ),
]
"""A schedule whose errors name a member of its own kind, not one of each."""


class SchedulePreviewRequest(WireModel):
    """Body of `POST /schedules/preview`: the first `count` instants at or after `start`, by default from now on."""

    schedule: OneSchedule
    count: Annotated[int, Field(ge=1, le=MOST_INSTANTS)] = 5
    start: UtcTime | None = None


class PreviewedInstant(WireModel):
    """An instant, and what the wall clock of the schedule's zone shows then.

    `shown` is ISO 8601 with the offset; `zone` its abbreviation, such as CET; `clock_change` by how many seconds the
    clock was put forward (or back: negative) since the instant before.
    """

    time: UtcTime
    shown: str
    zone: str
    clock_change: int = 0


class SchedulePreview(WireModel):
    """The next instants of a schedule on the clock of `timezone`; `is_over` where no others follow."""

    timezone: str
    instants: list[PreviewedInstant]
    is_over: bool
