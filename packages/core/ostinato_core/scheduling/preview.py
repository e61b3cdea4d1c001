"""What a schedule comes to: its next instants, on the clock of its time zone."""

from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import available_timezones

from ostinato_core.scheduling.dates import dates_between, settled
from ostinato_core.scheduling.looks import PEEK
from ostinato_core.scheduling.zones import zone_of
from ostinato_wire.schedule_previews import PreviewedInstant, SchedulePreview
from ostinato_wire.schedules import Schedule

_INTERNAL = ("posix/", "right/", "Factory", "localtime", "posixrules")
"""Names that databases of time zones hold beside those of places."""


def preview(schedule: Schedule, start: datetime, count: int) -> SchedulePreview:
    """Return the first `count` instants at or after `start`. Errors: InvalidSchedule."""
    plan = settled(schedule, start)
    zone = zone_of(plan.timezone)
    dates = list(islice(dates_between(plan, start, start + PEEK), count + 1))
    instants: list[PreviewedInstant] = []
    before = start.astimezone(zone).utcoffset()
    for date in dates[:count]:
        shown = date.astimezone(zone)
        offset = shown.utcoffset()
        change = (offset or timedelta()) - (before or timedelta())
        before = offset
        instants.append(
            PreviewedInstant(
                time=date,
                shown=shown.isoformat(),
                zone=shown.tzname() or "",
                clock_change=round(change / timedelta(seconds=1)),
            )
        )
    return SchedulePreview(timezone=plan.timezone or "UTC", instants=instants, is_over=len(dates) <= count)


def time_zones() -> list[str]:
    """Return the names of all time zones that schedules can be in, in order."""
    return sorted(name for name in available_timezones() if not name.startswith(_INTERNAL))
