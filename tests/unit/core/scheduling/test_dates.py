"""Dates of schedules, above all where clocks change, and their laws."""

# ruff: noqa: E501, DTZ001 - a case a line; wall clocks are naive

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ostinato_core.scheduling.dates import dates_between, dates_to_schedule, settled
from ostinato_core.scheduling.errors import InvalidSchedule
from ostinato_wire.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule

NEW_YORK = "America/New_York"
NOW = datetime(2026, 11, 22, 7, 31, 30, tzinfo=UTC)
SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)


def at(text: str) -> datetime:
    """Return a time in UTC, of 2026 unless it says otherwise, from e.g. `11-01 05:30`."""
    return datetime.fromisoformat(text if text.startswith("20") else f"2026-{text}").replace(tzinfo=UTC)


CRON = {"timezone": NEW_YORK}
DAILY = {"interval": 86_400, "timezone": NEW_YORK}

CASES: list[tuple[dict[str, Any], str, str, list[str]]] = [  # Any: members of many types
    # A wall clock that leaves out 02:00 to 03:00 on March 8th.
    (CRON | {"cron": "30 2 * * *"}, "03-06", "03-10", ["03-06 07:30", "03-07 07:30", "03-08 06:30", "03-09 06:30"]),
    (CRON | {"cron": "*/30 * * * *"}, "03-08 06:10", "03-08 08:00", ["03-08 06:30", "03-08 07:00", "03-08 07:30", "03-08 08:00"]),
    (DAILY | {"anchor_date": "2026-03-06T07:30:00Z"}, "03-07", "03-10", ["03-07 07:30", "03-08 07:30", "03-09 06:30"]),
    ({"rrule": "DTSTART:20260301T023000\nRRULE:FREQ=DAILY", "timezone": NEW_YORK}, "03-07", "03-10", ["03-07 07:30", "03-08 06:30", "03-09 06:30"]),
    # One that shows 01:00 to 02:00 twice on November 1st.
    (CRON | {"cron": "30 1 * * *"}, "10-31", "11-03", ["10-31 05:30", "11-01 05:30", "11-02 06:30"]),
    (CRON | {"cron": "*/30 * * * *"}, "11-01 05:10", "11-01 07:30", ["11-01 05:30", "11-01 07:00", "11-01 07:30"]),
    (CRON | {"cron": "*/30 * * * *"}, "11-01 06:10", "11-01 07:30", ["11-01 07:00", "11-01 07:30"]),
    (DAILY | {"anchor_date": "2026-10-29T05:30:00Z"}, "10-31", "11-03", ["10-31 05:30", "11-01 06:30", "11-02 06:30"]),
    ({"rrule": "DTSTART:20261029T013000\nRRULE:FREQ=DAILY", "timezone": NEW_YORK}, "10-31", "11-03", ["10-31 05:30", "11-01 05:30", "11-02 06:30"]),
    # Less than a day is elapsed time.
    ({"interval": 43_200, "anchor_date": "2026-10-29T05:30:00Z", "timezone": NEW_YORK}, "11-01", "11-02", ["11-01 05:30", "11-01 17:30"]),
    ({"interval": 3600, "anchor_date": "2026-10-29T05:30:00Z", "timezone": NEW_YORK}, "11-01 05:00", "11-01 08:00", ["11-01 05:30", "11-01 06:30", "11-01 07:30"]),
    # An anchor in the future reaches back, at the same hour of the wall clock.
    (DAILY | {"anchor_date": "2027-03-06T07:30:00Z"}, "10-30", "11-02", ["10-30 06:30", "10-31 06:30", "11-01 07:30"]),
    ({"interval": 0.5, "anchor_date": "2026-01-01T00:00:00Z"}, "11-01 00:00:00.2", "11-01 00:00:01", ["11-01 00:00:00.5", "11-01 00:00:01"]),
    ({"interval": "P1D", "anchor_date": "2026-01-01T00:00:00"}, "10-28", "10-29", ["10-28", "10-29"]),
    # Cron: a start on a match is one, seconds are the sixth field, days fit by either or by both.
    ({"cron": "0 0 * * *"}, "11-01", "11-02", ["11-01", "11-02"]),
    ({"cron": "0 0 * * *"}, "11-01 00:00:00.5", "11-02", ["11-02"]),
    ({"cron": "* * * * * */20"}, "11-01 06:10:05.5", "11-01 06:11:00", ["11-01 06:10:20", "11-01 06:10:40", "11-01 06:11:00"]),
    ({"cron": "@daily"}, "11-01", "11-02", ["11-01", "11-02"]),
    ({"cron": "0 0 * * MON#1"}, "11-01", "12-31", ["11-02", "12-07"]),
    ({"cron": "0 0 1 * 1", "day_or": False}, "11-01", "2027-03-02", ["2027-02-01", "2027-03-01"]),
    ({"cron": "0 0 30 2 *"}, "11-01", "2066-01-01", []),
    # Recurrences: digits are the wall clock, whatever zone they name.
    ({"rrule": "FREQ=DAILY", "timezone": NEW_YORK}, "03-07", "03-09 06:00", ["03-07 05:00", "03-08 05:00", "03-09 04:00"]),
    ({"rrule": "DTSTART:20261029T013000Z\nRRULE:FREQ=DAILY;UNTIL=20261030T013000Z", "timezone": NEW_YORK}, "10-28", "11-04", ["10-29 05:30", "10-30 05:30"]),
    ({"rrule": "DTSTART;TZID=Europe/Berlin:20261029T013000\nRRULE:FREQ=DAILY;COUNT=2", "timezone": NEW_YORK}, "10-28", "11-04", ["10-29 05:30", "10-30 05:30"]),
    ({"rrule": "FREQ=MINUTELY;INTERVAL=7", "timezone": NEW_YORK}, "11-28", "11-28 00:20", ["11-28 00:05", "11-28 00:12", "11-28 00:19"]),
    ({"rrule": "FREQ=DAILY;COUNT=2"}, "2019-11-28", "11-28", ["2020-01-01", "2020-01-02"]),
    ({"rrule": "RDATE:20261101T000000"}, "10-28", "11-04", ["11-01"]),
    ({"rrule": "DTSTART:20261101T000000\nRRULE:FREQ=DAILY\nEXDATE:20261102T000000"}, "10-28", "11-03", ["11-01", "11-03"]),
    ({"rrule": "DTSTART:20200106T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE"}, "11-01", "11-12", ["11-02 09:00", "11-04 09:00"]),
    ({"rrule": "DTSTART:20200101T000000\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"}, "11-01", "2027-02-09", []),
    ({"rrule": "FREQ=DAILY", "timezone": None}, "03-07", "03-08", ["03-07", "03-08"]),
]  # fmt: skip


@pytest.mark.parametrize(("given_", "start", "end", "expected"), CASES, ids=lambda value: str(value)[:60])
def test_dates(given_: dict[str, Any], start: str, end: str, expected: list[str]) -> None:
    schedule = settled(SCHEDULE.validate_python(given_), NOW)

    assert list(dates_between(schedule, at(start), at(end))) == [at(text) for text in expected]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY", "DTSTART:20200101T000000\nFREQ=DAILY"),
        ("FREQ=MINUTELY;INTERVAL=7", "DTSTART:20261122T022800\nFREQ=MINUTELY;INTERVAL=7"),
        ("FREQ=MINUTELY;COUNT=3", "DTSTART:20200101T000000\nFREQ=MINUTELY;COUNT=3"),
        ("DTSTART:20261101T000000Z\nRRULE:FREQ=DAILY", "DTSTART:20261101T000000Z\nRRULE:FREQ=DAILY"),
    ],
)
def test_a_stored_rule_says_when_it_begins(rule: str, expected: str) -> None:
    schedule = settled(RRuleSchedule(rrule=rule, timezone=NEW_YORK), NOW)

    assert isinstance(schedule, RRuleSchedule)
    assert schedule.rrule == expected


@pytest.mark.parametrize(
    "schedule",
    [
        CronSchedule(cron="nonsense"), CronSchedule(cron="R * * * *"), CronSchedule(cron="H H * * *"),
        CronSchedule(cron="60 * * * *"), CronSchedule(cron="0 0 0 1 1 0 2027"), CronSchedule(cron=""),
        CronSchedule(cron="@never"), RRuleSchedule(rrule="nonsense"), RRuleSchedule(rrule=""),
        RRuleSchedule(rrule="FREQ=DAILY;DTSTART=20261101T000000"), RRuleSchedule(rrule="FREQ=NEVER"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_means_nothing_is_refused(schedule: Schedule) -> None:
    with pytest.raises(InvalidSchedule):
        settled(schedule, NOW)


@pytest.mark.parametrize(
    "given_",
    [{"interval": 0}, {"interval": -1}, {"cron": "@daily", "timezone": "Mars/Olympus"}, {"rrule": "x" * 6501}, {}],
)
def test_what_has_no_shape_is_refused(given_: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SCHEDULE.validate_python(given_)


def test_dates_are_taken_until_there_are_enough_and_they_reach_far_enough() -> None:
    schedule = IntervalSchedule(interval=timedelta(minutes=15), anchor_date=NOW)
    end = NOW + timedelta(days=100)

    def numbers(min_time: timedelta, min_runs: int, max_runs: int, end: datetime = end) -> int:
        return len(dates_to_schedule(schedule, NOW, end, min_time=min_time, min_runs=min_runs, max_runs=max_runs))

    assert numbers(timedelta(hours=1), 3, 100) == 5
    assert numbers(timedelta(0), 3, 100) == 3
    assert numbers(timedelta(hours=1), 9, 100) == 9
    assert numbers(timedelta(hours=1), 3, 2) == 2
    assert numbers(timedelta(hours=1), 3, 0) == 0
    assert numbers(timedelta(hours=1), 3, 100, NOW + timedelta(minutes=20)) == 2


zones = st.sampled_from(["UTC", NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"])
times = st.datetimes(datetime(1999, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
intervals = st.one_of(
    st.integers(1, 10**7).map(lambda number: timedelta(seconds=number)),
    st.integers(1, 60).map(lambda number: timedelta(days=number)),
    st.integers(1, 10**10).map(lambda number: timedelta(milliseconds=number)),
)
rules = st.builds(
    "DTSTART:{}\nRRULE:FREQ={};INTERVAL={}".format,
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda time: f"{time:%Y%m%dT%H%M%S}"),
    st.sampled_from(["WEEKLY", "DAILY", "HOURLY", "MINUTELY"]),
    st.integers(1, 12),
)
schedules: st.SearchStrategy[Schedule] = st.one_of(
    st.builds(IntervalSchedule, interval=intervals, anchor_date=times, timezone=zones),
    st.builds(
        CronSchedule,
        cron=st.sampled_from(["*/7 * * * *", "30 2 * * *", "0 1 1 * *", "15 */5 * * 1-5", "* * * * * */13"]),
        timezone=zones,
    ),
    st.builds(RRuleSchedule, rrule=rules, timezone=zones),
)


@given(schedules, times, st.integers(0, 400))
def test_dates_rise_and_lie_within(schedule: Schedule, start: datetime, days: int) -> None:
    end = start + timedelta(days=days)
    found = list(islice(dates_between(schedule, start, end), 50))

    assert all(start <= date <= end for date in found)
    assert all(earlier < later for earlier, later in pairwise(found))


@settings(deadline=None)
@given(schedules, times)
def test_looking_on_from_a_date_finds_the_same_dates(schedule: Schedule, start: datetime) -> None:
    end = start + timedelta(days=60)
    found = list(islice(dates_between(schedule, start, end), 6))

    for number, date in enumerate(found):
        assert list(islice(dates_between(schedule, date, end), 6 - number)) == found[number:]


@given(st.builds(IntervalSchedule, interval=intervals, anchor_date=times, timezone=zones))
def test_the_anchor_of_an_interval_is_a_date(schedule: IntervalSchedule) -> None:
    assert next(dates_between(schedule, schedule.anchor_date, schedule.anchor_date)) == schedule.anchor_date


@given(st.integers(1, 40), times, zones, times)
def test_days_keep_the_wall_clock_but_where_it_leaves_out_the_hour(
    days: int, anchor: datetime, zone: str, start: datetime
) -> None:
    schedule = IntervalSchedule(interval=timedelta(days=days), anchor_date=anchor, timezone=zone)
    shown = anchor.astimezone(ZoneInfo(zone)).time()

    for date in islice(dates_between(schedule, start, start + timedelta(days=400)), 8):
        local = date.astimezone(ZoneInfo(zone))
        # What a clock leaves out is never more than an hour, but for the island that left out a whole day.
        assert local.time() == shown or (local - timedelta(hours=1)).time() <= shown or zone == "Pacific/Apia"
