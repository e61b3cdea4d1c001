"""Dates of cron, interval and rrule schedules against croniter and dateutil, across clock changes of six zones."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile

import pytest
from croniter import CroniterBadDateError, croniter
from dateutil import tz
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato_core.scheduling.dates import dates_between
from ostinato_wire.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule

# A zone, and the days on which its clocks were or will be set back or forward: Morocco for each Ramadan, Lord Howe by
# half an hour, Brazil not any more since 2019, India never.
CHANGES = [
    ("America/New_York", ["2026-03-08", "2026-11-01", "2027-03-14"]),
    ("Europe/Berlin", ["2026-03-29", "2026-10-25", "2027-03-28"]),
    ("Australia/Lord_Howe", ["2026-04-05", "2026-10-04", "2027-04-04"]),
    ("America/Sao_Paulo", ["2018-02-18", "2018-11-04", "2019-02-17"]),
    ("Africa/Casablanca", ["2026-02-15", "2026-03-22"]),
    ("Asia/Kolkata", ["2026-03-08"]),
]

around_changes = st.sampled_from([(zone, day) for zone, days in CHANGES for day in days]).flatmap(
    lambda pair: st.tuples(
        st.just(pair[0]),
        st.integers(-30 * 60, 6 * 60).map(
            lambda minutes: datetime.fromisoformat(pair[1]).replace(tzinfo=UTC) + timedelta(minutes=minutes)
        ),
    )
)
minutes = st.sampled_from(["*", "0", "30", "*/7", "*/15", "1,31", "5-10"])
hours = st.sampled_from(["*", "0", "1", "2", "3", "*/2", "1-3", "23"])
days = st.sampled_from(["*", "1", "8", "15,29", "L"])
months = st.sampled_from(["*", "3,10,11", "*/2"])
weekdays = st.sampled_from(["*", "0", "7", "1-5", "SUN", "SAT#1"])
crons = st.builds("{} {} {} {} {}".format, minutes, hours, days, months, weekdays)
SPAN = timedelta(hours=30)
MOST = 200


def in_utc(shown: datetime, zone: str) -> datetime:
    """Return when a wall clock first shows a time, by dateutil; one that it leaves out is read as after the change."""
    at = shown.replace(tzinfo=tz.gettz(zone))
    if tz.datetime_exists(at):
        return tz.enfold(at, 0).astimezone(UTC)
    after = tz.resolve_imaginary(at)
    return after.astimezone(UTC) - (after.replace(tzinfo=None) - shown)


def once(shown: Iterator[datetime], zone: str, start: datetime, end: datetime) -> list[datetime]:
    """Return the instants between two times at which a wall clock shows times, in order.

    One that is not later than the one before is left out: a clock that is set forward shows less times, not more.
    """
    # Enough beyond the end: clocks are not set by more than an hour.
    until = end.astimezone(tz.gettz(zone)).replace(tzinfo=None) + timedelta(hours=2)
    found: list[datetime] = []
    for time in islice(takewhile(lambda time: time <= until, shown), 10 * MOST):
        date = in_utc(time, zone)
        if start <= date <= end and (not found or date > found[-1]):
            found.append(date)
    return found


def wall(time: datetime, zone: str) -> datetime:
    """Return what the wall clock of a zone shows at a time, two hours before it, by dateutil."""
    return time.astimezone(tz.gettz(zone)).replace(tzinfo=None) - timedelta(hours=2)


def ours(schedule: Schedule, start: datetime, end: datetime) -> list[datetime]:
    """Return our dates."""
    return list(islice(dates_between(schedule, start, end), MOST))


@settings(max_examples=50, deadline=None)
@given(crons, around_changes, st.booleans())
def test_cron_is_croniter_on_the_wall_clock(cron: str, place: tuple[str, datetime], day_or: bool) -> None:
    zone, start = place
    end = start + SPAN
    times = croniters(cron, wall(start, zone), day_or)

    schedule = CronSchedule(cron=cron, timezone=zone, day_or=day_or)
    assert ours(schedule, start, end) == once(times, zone, start, end)[:MOST]


def croniters(cron: str, start: datetime, day_or: bool) -> Iterator[datetime]:
    """Yield croniter's times, to the end of what it searches."""
    with contextlib.suppress(CroniterBadDateError):
        yield from croniter(cron, start, day_or=day_or).all_next(datetime)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["WEEKLY", "DAILY", "HOURLY", "MINUTELY"]),
    st.integers(1, 40),
    st.integers(0, 100),
    st.sampled_from([None, (1, 30), (2, 0), (2, 15), (0, 0)]),
    around_changes,
)
def test_a_recurrence_is_dateutil_on_the_wall_clock(
    frequency: str, interval: int, ago: int, at: tuple[int, int] | None, place: tuple[str, datetime]
) -> None:
    zone, start = place
    end = start + SPAN
    # Not before the rule begins: what goes on for longer than that is looked at in the next test.
    begins = wall(start, zone).replace(second=0, microsecond=0) - timedelta(hours=ago)
    begins = begins.replace(hour=at[0], minute=at[1]) if at else begins
    rule = f"DTSTART:{begins:%Y%m%dT%H%M%S}\nRRULE:FREQ={frequency};INTERVAL={interval}"
    times = iter(rrulestr(rule))

    assert ours(RRuleSchedule(rrule=rule, timezone=zone), start, end) == skip(times, zone, start, end)


def skip(times: Iterator[datetime], zone: str, start: datetime, end: datetime) -> list[datetime]:
    """Return as `once` does, of times that begin long before."""
    first = wall(start, zone)
    near = (time for time in times if time >= first)
    return once(near, zone, start, end)[:MOST]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.sampled_from([0, 3600, 5400, 86_399]), around_changes, st.integers(-500, 500))
def test_days_of_an_interval_are_dateutils_days_and_the_rest_elapses(
    number_of_days: int, rest: int, place: tuple[str, datetime], anchor_days: int
) -> None:
    zone, start = place
    end = start + timedelta(days=90)
    anchor = start + timedelta(days=anchor_days, minutes=17)
    shown = anchor.astimezone(tz.gettz(zone)).replace(tzinfo=None)
    found: set[datetime] = set()
    length = timedelta(days=number_of_days, seconds=rest)
    first = (start - anchor) // length - 3
    for number in range(first, first + 100):
        day = shown + number * timedelta(days=number_of_days)
        date = anchor if number == 0 else later_in_utc(day, zone)
        found.add(date + number * timedelta(seconds=rest))

    schedule = IntervalSchedule(interval=length, anchor_date=anchor, timezone=zone)
    assert ours(schedule, start, end) == sorted(date for date in found if start <= date <= end)


def later_in_utc(shown: datetime, zone: str) -> datetime:
    """Return when a wall clock shows a time for the last time, by dateutil; one that it leaves out is an hour later."""
    at = shown.replace(tzinfo=tz.gettz(zone))
    return max(tz.enfold(at, fold).astimezone(UTC) for fold in (0, 1))


@settings(deadline=None)
@given(st.integers(1, 86_399), around_changes, st.integers(-(10**6), 10**6))
def test_less_than_a_day_elapses(seconds: int, place: tuple[str, datetime], anchor: int) -> None:
    zone, start = place
    schedule = IntervalSchedule(
        interval=timedelta(seconds=seconds), anchor_date=start + timedelta(seconds=anchor), timezone=zone
    )
    found = ours(schedule, start, start + SPAN)
    assert found[0] - start < schedule.interval or not found
    assert [date - found[0] for date in found] == [number * schedule.interval for number in range(len(found))]
    assert all((date - schedule.anchor_date) % schedule.interval == timedelta(0) for date in found)


ONCE_A_DAY = [
    *(f"{minute} {hour} * * *" for hour in range(4) for minute in (0, 15, 30, 45)),
    *(f"RRULE:FREQ=DAILY;BYHOUR={hour};BYMINUTE=30;BYSECOND=0" for hour in range(4)),
]


@pytest.mark.parametrize(("zone", "day"), [(zone, day) for zone, days in CHANGES for day in days])
def test_what_is_due_once_a_day_is_due_once_a_day_where_clocks_change(zone: str, day: str) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=tz.gettz(zone)).astimezone(UTC) - timedelta(days=2, hours=6)
    for each in ONCE_A_DAY:
        rule = f"DTSTART:20170101T000000\n{each}"
        schedule = (
            RRuleSchedule(rrule=rule, timezone=zone) if "RRULE" in each else CronSchedule(cron=each, timezone=zone)
        )
        found = ours(schedule, start, start + timedelta(days=5))
        assert len(found) == 5, each
        gaps = [later - earlier for earlier, later in pairwise(found)]
        assert all(timedelta(hours=22) < gap < timedelta(hours=26) for gap in gaps), each
