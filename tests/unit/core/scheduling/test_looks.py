"""Looks at schedules: whoever looks when told to never misses a date, nor makes one twice."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ostinato_core.scheduling.dates import dates_between
from ostinato_core.scheduling.looks import SPREAD, Ahead, latest_between, look, next_after
from ostinato_wire.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule

NOW = datetime(2026, 10, 24, 7, 31, 30, tzinfo=UTC)
BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)

schedules: st.SearchStrategy[Schedule] = st.one_of(
    st.builds(
        IntervalSchedule,
        interval=st.integers(20, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
        anchor_date=st.just(NOW),
        timezone=st.just(BERLIN),
    ),
    st.builds(
        CronSchedule,
        cron=st.sampled_from(["* * * * *", "*/7 * * * *", "0 * * * *", "30 2 * * *", "0 0 1 * *", "0 0 1 1 *"]),
        timezone=st.just(BERLIN),
    ),
    st.builds(
        RRuleSchedule,
        rrule=st.sampled_from(
            ["DTSTART:20261024T000000\nRRULE:FREQ=HOURLY;COUNT=60", "DTSTART:20260101T000000\nRRULE:FREQ=DAILY"]
        ),
        timezone=st.just(BERLIN),
    ),
)


@settings(max_examples=50, deadline=None)
@given(schedules, st.floats(0, 1), st.one_of(st.none(), st.integers(1, 50)), st.integers(0, 3))
def test_who_looks_when_told_to_makes_every_date_once_and_in_time(
    schedule: Schedule, place: float, most: int | None, late: int
) -> None:
    now, made_until = NOW, None
    made: list[datetime] = []
    for _ in range(12):
        found = look(schedule, now, Ahead(), made_until=made_until, most=most, place=place)
        made += found.dates
        waiting = [date for date in made if date >= now]
        allowed = min(3, most or 3)
        few = len(waiting) < allowed or waiting[-1] - now < HOUR
        assert not few or len(waiting) == (most or 100) or not _more_within_reach(schedule, made, now)
        assert most is None or len(waiting) <= most
        made_until = found.made_until
        if found.next_look is None:
            assert (
                next(dates_between(schedule, (made_until or now) + timedelta(seconds=1), now + HOUR * 1000), None)
                is None
            )
            break
        assert found.next_look > now
        now = found.next_look + timedelta(seconds=late)
    # From one look to the next, no date passed that had no run.
    assert made == list(islice(dates_between(schedule, NOW, now + timedelta(days=100)), len(made)))


def _more_within_reach(schedule: Schedule, made: list[datetime], now: datetime) -> bool:
    after = made[-1] if made else now
    return next(dates_between(schedule, after + timedelta(microseconds=1), now + timedelta(days=100)), None) is not None


def test_the_first_look_makes_what_the_reference_makes() -> None:
    def number(schedule: Schedule, most: int | None = None) -> int:
        return len(look(schedule, NOW, Ahead(), most=most).dates)

    assert number(CronSchedule(cron="* * * * *")) == 61
    assert number(CronSchedule(cron="*/5 * * * *")) == 13
    assert number(CronSchedule(cron="0 * * * *")) == 3
    assert number(IntervalSchedule(interval=timedelta(seconds=1), anchor_date=NOW)) == 100
    assert number(CronSchedule(cron="0 0 1 6 *")) == 0
    assert number(CronSchedule(cron="* * * * *"), 7) == 7


def test_looks_that_would_fall_on_the_full_hour_are_spread() -> None:
    schedule = CronSchedule(cron="0 * * * *")
    looks = [look(schedule, NOW, Ahead(), place=place / 10).next_look for place in range(11)]
    first = NOW.replace(minute=0, second=0) + HOUR
    offsets = [(time - first) / SPREAD for time in looks if time]
    assert offsets == pytest.approx([place / 10 for place in range(11)], abs=1e-5)


@settings(max_examples=50, deadline=None)
@given(schedules, st.integers(1, 10**6), st.integers(0, 10**5))
def test_the_latest_date_is_found_without_going_through_all(schedule: Schedule, seconds: int, later: int) -> None:
    after = NOW + timedelta(seconds=later)
    until = after + timedelta(seconds=seconds)
    every = list(dates_between(schedule, after + timedelta(microseconds=1), until))
    assume(len(every) < 1000)
    assert latest_between(schedule, after, until) == (every[-1] if every else None)


def test_the_latest_of_very_many_dates_is_found() -> None:
    schedule = IntervalSchedule(interval=timedelta(seconds=1), anchor_date=NOW)
    until = NOW + timedelta(days=30, milliseconds=500)
    assert latest_between(schedule, NOW, until) == NOW + timedelta(days=30)
    assert next_after(schedule, NOW, Ahead()) == NOW + timedelta(seconds=1)
