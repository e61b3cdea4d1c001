"""Which schedules are the same, so that a run of them is made once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from ostinato_core.scheduling.dates import settled
from ostinato_core.scheduling.definition import key_of, likeness
from ostinato_wire.schedules import Schedule

SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)
NOW = datetime(2026, 11, 22, 7, 31, 30, tzinfo=UTC)
MINUTE: dict[str, Any] = {"interval": 60, "anchor_date": "2026-01-01T00:00:00Z"}  # Any: members of many types
DAY: dict[str, Any] = {"interval": 86_400, "anchor_date": "2026-01-01T00:00:00Z"}  # Any: as above


def key(given: dict[str, Any], slug: str | None = None, parameters: object = None, now: datetime = NOW) -> str:
    """Return the key of a schedule as it would be stored."""  # Any: as above
    return key_of(slug, settled(SCHEDULE.validate_python(given), now), parameters or {})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (MINUTE, MINUTE | {"anchor_date": "2026-06-01T12:00:00+02:00"}),
        (MINUTE, MINUTE | {"timezone": "Europe/Berlin"}),
        ({"cron": "0  * * * *"}, {"cron": "0 * * * *", "timezone": "UTC"}),
        ({"rrule": "FREQ=DAILY"}, {"rrule": "DTSTART:20200101T000000\nFREQ=DAILY", "timezone": "UTC"}),
    ],
)
def test_schedules_of_the_same_dates_are_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:  # Any: as above
    assert key(one) == key(other)
    assert len(key(one)) == 32


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (MINUTE, MINUTE | {"anchor_date": "2026-01-01T00:00:01Z"}),
        (MINUTE, MINUTE | {"interval": 120}),
        (DAY, DAY | {"timezone": "Europe/Berlin"}),
        ({"cron": "0 * * * *"}, {"cron": "0 * * * *", "day_or": False}),
        ({"cron": "0 0 * * *"}, {"cron": "0 0 * * *", "timezone": "Asia/Kolkata"}),
        ({"rrule": "FREQ=DAILY"}, {"rrule": "FREQ=DAILY;COUNT=2"}),
    ],
)
def test_schedules_of_other_dates_are_others(one: dict[str, Any], other: dict[str, Any]) -> None:  # Any: as above
    assert key(one) != key(other)


def test_a_slug_says_which_it_is_and_else_parameters_count() -> None:
    assert key(MINUTE, "s") == key(DAY, "s", {"x": 1}) != key(MINUTE, "t")
    assert key(MINUTE, parameters={"x": 1, "y": 2}) == key(MINUTE, parameters={"y": 2, "x": 1}) != key(MINUTE)


def test_a_rule_that_is_sent_again_without_its_beginning_is_the_same() -> None:
    rule = {"rrule": "FREQ=MINUTELY;INTERVAL=7"}
    assert key(rule) == key(rule, now=NOW + timedelta(days=3, minutes=1))
    stored = [settled(SCHEDULE.validate_python(rule), NOW + timedelta(days=days)) for days in (0, 3)]
    assert stored[0] != stored[1]
    assert likeness(None, stored[0]) == likeness(None, stored[1]) != likeness("s", stored[0])


def test_an_interval_that_is_sent_again_is_like_it_was() -> None:
    one, other = (settled(SCHEDULE.validate_python({"interval": 60}), NOW) for _ in range(2))
    assert likeness(None, one) == likeness(None, other)
    assert likeness(None, one) != likeness(None, settled(SCHEDULE.validate_python({"interval": 61}), NOW))
