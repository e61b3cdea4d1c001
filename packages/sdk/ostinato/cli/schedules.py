"""Schedules on the command line: the options that make them, and how they are shown."""

from datetime import datetime, timedelta
from typing import Annotated

from ostinato.cli import output
from ostinato.cli.params import panel
from ostinato.schedules import Cron, Interval, RRule, Schedule
from ostinato_wire.schedules import CronSchedule, IntervalSchedule, RRuleSchedule
from ostinato_wire.schedules import Schedule as WireSchedule

when = panel("When it runs")
"""An option of when runs are made."""

CronOption = Annotated[list[str] | None, when("--cron", help="Run at the times of a cron expression; repeatable.")]
IntervalOption = Annotated[list[float] | None, when("--interval", help="Run every so many seconds; repeatable.")]
RRuleOption = Annotated[list[str] | None, when("--rrule", help="Run by an iCalendar recurrence; repeatable.")]
AnchorOption = Annotated[
    datetime | None, when("--anchor-date", metavar="TIME", help="Time that intervals are counted from; default: now.")
]
ZoneOption = Annotated[str | None, when("--timezone", help="Time zone of the schedules, as Europe/Berlin.")]


def schedules(
    crons: list[str] | None,
    intervals: list[float] | None,
    rrules: list[str] | None,
    anchor: datetime | None,
    zone: str | None,
) -> list[Schedule]:
    """Return a schedule for each value given; a value that makes none ends the command."""
    try:
        return [
            *(Cron(text, timezone=zone) for text in crons or ()),
            *(Interval(timedelta(seconds=span), anchor_date=anchor, timezone=zone) for span in intervals or ()),
            *(RRule(text, timezone=zone) for text in rrules or ()),
        ]
    except ValueError as error:
        output.fail(str(error))


def schedule_text(schedule: WireSchedule) -> str:
    """Return what a table says of a schedule."""
    match schedule:
        case CronSchedule():
            return f"cron: {schedule.cron}"
        case IntervalSchedule():
            return f"interval: {schedule.interval.total_seconds()}s"
        case RRuleSchedule():
            return f"rrule: {schedule.rrule}"
