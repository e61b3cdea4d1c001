"""Schedules as they stand in code, and on the wire."""

from datetime import UTC, datetime, timedelta

import pytest

from ostinato.schedules import Cron, Interval, RRule, Schedule


def test_each_kind_has_its_form_on_the_wire() -> None:
    anchor = datetime(2026, 1, 1, tzinfo=UTC)
    assert Cron("0 2 * * *", timezone="Europe/Berlin", day_or=False).to_wire().schedule.model_dump() == {
        "cron": "0 2 * * *",
        "timezone": "Europe/Berlin",
        "day_or": False,
    }
    assert Interval(90, anchor_date=anchor).to_wire().model_dump(mode="json")["schedule"] == {
        "interval": 90.0,
        "anchor_date": "2026-01-01T00:00:00Z",
        "timezone": None,
    }
    assert RRule("FREQ=DAILY").to_wire().schedule.model_dump() == {"rrule": "FREQ=DAILY", "timezone": "UTC"}


def test_what_is_not_given_of_our_own_members_is_not_sent() -> None:
    plain = Cron("* * * * *").to_wire().model_dump(exclude_none=True)
    assert not {"catchup", "max_late_seconds"} & plain.keys()
    late = Cron("* * * * *", catchup="latest", max_late_seconds=30.0).to_wire()
    assert (late.catchup, late.max_late_seconds) == ("latest", 30.0)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Schedule(), "exactly one"),
        (lambda: Schedule(cron="* * * * *", rrule="FREQ=DAILY"), "exactly one"),
        (lambda: Interval(0), "longer than 0"),
        (lambda: Interval(timedelta(seconds=-1)), "longer than 0"),
        (lambda: Cron("* * * * *", timezone="Mars/Olympus"), "Unknown time zone"),
    ],
)
def test_what_cannot_be_is_refused(make: "type[Schedule]", text: str) -> None:
    with pytest.raises(ValueError, match=text):
        make()
