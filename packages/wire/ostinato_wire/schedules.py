"""Schedules: when runs of a deployment are to be made. The three kinds are told apart by their members.

Whether a cron expression or an rrule means anything is for the server to say; here only shapes are checked.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from ostinato_wire.base import UtcTime, WireModel


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"Unknown time zone {name!r}: use an IANA name such as Europe/Berlin") from None
    return name


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("The interval must be longer than 0 seconds")
    return value


TimeZone = Annotated[str, AfterValidator(_known_zone)]
"""The name of a time zone of the IANA database."""


class IntervalSchedule(WireModel):
    """Every `interval` (on the wire in seconds) before and after the anchor.

    Whole days of the interval are added to the wall clock of `timezone`, the rest to the elapsed time.
    """

    interval: Annotated[timedelta, AfterValidator(_positive)]
    anchor_date: UtcTime = Field(default_factory=lambda: datetime.now(UTC))
    timezone: TimeZone | None = None


class CronSchedule(WireModel):
    """At the times that a cron expression names, on the wall clock of `timezone` (UTC where it is null).

    `day_or`: a day fits if its day of the month or its day of the week does, otherwise if both do.
    """

    cron: str = Field(max_length=6500)
    timezone: TimeZone | None = None
    day_or: bool = True


class RRuleSchedule(WireModel):
    """At the times of an iCalendar recurrence (RFC 5545), whose digits are the wall clock of `timezone`."""

    rrule: str = Field(max_length=6500)
    timezone: TimeZone | None = "UTC"


Schedule = IntervalSchedule | CronSchedule | RRuleSchedule
