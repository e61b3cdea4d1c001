"""Recurrences that hardly ever match, or never: found or given up within bounds, and always what dateutil finds."""

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato_core.scheduling import rrule_search
from ostinato_core.scheduling.dates import dates_between, settled
from ostinato_core.scheduling.errors import InvalidSchedule
from ostinato_core.scheduling.looks import Ahead, look
from ostinato_core.scheduling.rrule_search import MOST_TIME
from ostinato_wire.schedules import RRuleSchedule

NOW = datetime(2026, 11, 22, 7, 31, 30, tzinfo=UTC)
NEVER = [
    "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYSETPOS=2",
    "DTSTART:20261124T000000\nRRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO",
    "RRULE:FREQ=DAILY\nEXRULE:FREQ=DAILY",
]
TOO_MUCH = [
    "FREQ=SECONDLY;BYSETPOS=2",
    "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3",
    "FREQ=SECONDLY;COUNT=1000000000",
    "RRULE:FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY",
]
NONSENSE = ["FREQ=DAILY;INTERVAL=0", "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3", "FREQ=DAILY;INTERVAL=1000000000000"]


@pytest.mark.parametrize("rule", NEVER)
def test_a_rule_that_never_matches_is_found_out_at_once(rule: str) -> None:
    began = time.thread_time()
    found = look(settled(RRuleSchedule(rrule=rule), NOW), NOW, Ahead())
    assert (found.dates, found.next_look) == ([], None)
    assert time.thread_time() - began < 2 * MOST_TIME


@pytest.mark.parametrize("rule", TOO_MUCH)
def test_a_rule_that_takes_too_much_work_is_refused_with_a_remedy(rule: str) -> None:
    began = time.thread_time()
    with pytest.raises(InvalidSchedule, match=r"takes too long\. Use a larger FREQ"):
        settled(RRuleSchedule(rrule=rule), NOW)
    assert time.thread_time() - began < 2 * MOST_TIME


@pytest.mark.parametrize("rule", NONSENSE)
def test_a_rule_that_cannot_have_dates_is_refused(rule: str) -> None:
    with pytest.raises(InvalidSchedule, match="Invalid RRule"):
        settled(RRuleSchedule(rrule=rule), NOW)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29 00:00"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=TU", "2028-02-29 00:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR;BYMONTH=10", "2028-10-13 00:00"),
        ("FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3", "2028-02-29 03:00"),
        ("FREQ=SECONDLY;BYHOUR=3;BYMINUTE=0;BYSECOND=0", "2026-11-23 03:00"),
        ("RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30\nRDATE:20261225T000000", "2026-12-25 00:00"),
        ("RRULE:FREQ=DAILY\nEXRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA", "2026-11-29 00:00"),
    ],
)
def test_a_rule_that_seldom_matches_is_followed(rule: str, expected: str) -> None:
    schedule = settled(RRuleSchedule(rrule=rule), NOW)
    first = next(iter(dates_between(schedule, NOW, NOW + timedelta(days=3660))))
    assert f"{first:%Y-%m-%d %H:%M}" == expected


def listed(name: str, least: int, most: int) -> st.SearchStrategy[str]:
    """Return parts of a rule such as `BYMONTH=3,11`, or nothing."""
    numbers = st.lists(st.integers(least, most).filter(bool), min_size=1, max_size=3)
    return st.just("") | numbers.map(lambda chosen: f";{name}={','.join(map(str, chosen))}")


weekdays = st.sampled_from(["MO", "WE", "FR", "SU", "1TU", "-1SA", "2TH"])
by_day = st.just("") | st.lists(weekdays, min_size=1, max_size=2).map(lambda chosen: f";BYDAY={','.join(chosen)}")
days = st.tuples(listed("BYMONTH", 1, 12), listed("BYMONTHDAY", -31, 31), by_day).map("".join)
days_of_years = listed("BYYEARDAY", -366, 366) | listed("BYWEEKNO", 1, 53)
times = st.tuples(listed("BYHOUR", 1, 23), listed("BYMINUTE", 1, 59), listed("BYSECOND", 1, 59)).map("".join)
positions = listed("BYSETPOS", -3, 5)
ends = st.sampled_from(["", "", ";COUNT=7"])

# Here dateutil's own search comes to its end soon: it goes as far as the year 9999.
LAST = datetime(9999, 12, 20, tzinfo=UTC)
long_ones = st.builds(
    "FREQ={};INTERVAL={}{}{}{}{}{}".format,
    st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]),
    st.integers(1, 9),
    days,
    days_of_years,
    times,
    positions,
    ends,
)
short_ones = st.builds(
    "FREQ={};INTERVAL={}{}{}{}".format,
    st.sampled_from(["HOURLY", "MINUTELY", "SECONDLY"]),
    st.integers(1, 90),
    days,
    times,
    ends,
)
begun = st.one_of(st.tuples(long_ones, st.integers(60, 4000)), st.tuples(short_ones | long_ones, st.integers(1, 12)))


def dateutils(rule: str, start: datetime) -> tuple[list[datetime], bool]:
    """Return the first dates from a time on by dateutil, and whether it finds that there are none."""
    found: list[datetime] = []
    try:
        shown: Iterator[datetime] = (date.replace(tzinfo=UTC) for date in iter(rrulestr(rule)))
        for date in islice(takewhile(lambda date: date <= LAST, shown), 300_000):
            found += [date] if date >= start else []
    except ValueError:
        return found[:100], True
    return found[:100], False


@settings(max_examples=300, deadline=None)
@given(begun, st.integers(1, 400), st.integers(0, 86_399))
def test_what_is_found_is_what_dateutil_finds(begun: tuple[str, int], ago: int, second: int) -> None:
    rule, days_ago = begun
    begins = LAST.replace(tzinfo=None) - timedelta(days=days_ago, seconds=second)
    start = max(LAST - timedelta(days=ago), begins.replace(tzinfo=UTC))
    text = f"DTSTART:{begins:%Y%m%dT%H%M%S}\nRRULE:{rule}"
    expected, fails = dateutils(text, start)
    found = iter(dates_between(RRuleSchedule(rrule=text), start, LAST))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rrule_search, "MOST_TIME", 60.0)  # what is found, not how soon on this machine
        with contextlib.suppress(*([InvalidSchedule] if fails else [])):
            assert list(islice(found, 100)) == expected
