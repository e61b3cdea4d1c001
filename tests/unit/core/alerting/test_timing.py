"""When a message is sent: quiet hours and digests, over the days on which clocks are changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ostinato_core.alerting.timing import due_of, end_of_quiet, next_digest
from ostinato_wire.alerting import Alerting, Digest, DigestEvery, GroupBy, QuietHours, Weekday

BERLIN = "Europe/Berlin"
ZONES = st.sampled_from(["UTC", BERLIN, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"])
TIMES = st.times().map(lambda value: value.replace(second=0, microsecond=0))
MOMENTS = st.integers(0, 15 * 365 * 86_400).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@st.composite
def quiet_hours(draw: st.DrawFn) -> QuietHours:
    start, end = draw(TIMES), draw(TIMES)
    days = draw(st.lists(st.sampled_from(list(Weekday)), min_size=1, unique=True, max_size=6 if start == end else 7))
    return QuietHours(start=start, end=end, timezone=draw(ZONES), days=days)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


NIGHT = QuietHours(start=time(22), end=time(7), timezone=BERLIN)
WORK = [Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY, Weekday.FRIDAY]
WEEKEND = QuietHours(start=time(0), end=time(0), timezone=BERLIN, days=[Weekday.SATURDAY, Weekday.SUNDAY])


@pytest.mark.parametrize(
    ("quiet", "moment", "end"),
    [
        (NIGHT, "2026-06-01T21:59:59", None),
        (NIGHT, "2026-06-01T22:00", "2026-06-02T07:00"),
        (NIGHT, "2026-06-02T06:59:59", "2026-06-02T07:00"),
        (NIGHT, "2026-06-02T07:00", None),
        (NIGHT, "2026-03-29T01:00", "2026-03-29T07:00"),
        (NIGHT, "2026-10-25T01:00", "2026-10-25T07:00"),
        (WEEKEND, "2026-06-05T23:59", None),
        (WEEKEND, "2026-06-06T00:00", "2026-06-08T00:00"),
        (WEEKEND, "2026-06-07T12:00", "2026-06-08T00:00"),
        (QuietHours(start=time(22), end=time(7), timezone=BERLIN, days=WORK), "2026-06-06T03:00", "2026-06-06T07:00"),
        (QuietHours(start=time(22), end=time(7), timezone=BERLIN, days=WORK), "2026-06-06T23:00", None),
    ],
)
def test_quiet_hours(quiet: QuietHours, moment: str, end: str | None) -> None:
    assert end_of_quiet(quiet, at(moment, BERLIN)) == at(end or moment, BERLIN)


def test_quiet_hours_last_for_both_readings_of_a_clock_that_is_put_back() -> None:
    quiet = QuietHours(start=time(1), end=time(2, 30), timezone=BERLIN)
    assert end_of_quiet(quiet, at("2026-10-24T23:30")) == at("2026-10-25T01:30")


@given(quiet_hours(), MOMENTS)
def test_after_quiet_hours_it_is_not_quiet_and_before_their_end_it_is(quiet: QuietHours, moment: datetime) -> None:
    end = end_of_quiet(quiet, moment)
    assert moment <= end <= moment + timedelta(days=8)
    assert end_of_quiet(quiet, end) == end
    if end > moment:
        assert end_of_quiet(quiet, end - timedelta(microseconds=1)) == end


@pytest.mark.parametrize(
    ("digest", "after", "sent"),
    [
        (Digest(every=DigestEvery.DAY, timezone=BERLIN), "2026-06-01T07:59", "2026-06-01T08:00"),
        (Digest(every=DigestEvery.DAY, timezone=BERLIN), "2026-06-01T08:00", "2026-06-02T08:00"),
        (Digest(every=DigestEvery.DAY, at=time(2, 30), timezone=BERLIN), "2026-10-25T01:00", "2026-10-25T02:30"),
        (Digest(every=DigestEvery.WEEK, timezone=BERLIN), "2026-06-01T08:00", "2026-06-08T08:00"),
        (Digest(every=DigestEvery.WEEK, weekday=Weekday.FRIDAY, timezone=BERLIN), "2026-06-01T08:00",
         "2026-06-05T08:00"),
        (Digest(every=DigestEvery.HOUR, at=time(0, 15), timezone=BERLIN), "2026-06-01T08:15", "2026-06-01T09:15"),
    ],
)  # fmt: skip
def test_digests(digest: Digest, after: str, sent: str) -> None:
    assert next_digest(digest, at(after, BERLIN)) == at(sent, BERLIN)


DIGESTS = st.builds(
    Digest, every=st.sampled_from(DigestEvery), at=TIMES, weekday=st.sampled_from(Weekday), timezone=ZONES
)


@given(DIGESTS, MOMENTS)
def test_a_digest_comes_in_time_and_none_is_left_out(digest: Digest, after: datetime) -> None:
    sent = next_digest(digest, after)
    longest = {DigestEvery.HOUR: 1, DigestEvery.DAY: 25, DigestEvery.WEEK: 7 * 24 + 1}[digest.every]
    # A zone may leave out a day, as Samoa's did; a clock that is put forward or back by half an hour moves the minute.
    assert after < sent <= after + timedelta(hours=longest + 1)
    assert next_digest(digest, sent - timedelta(microseconds=1)) == sent


def test_a_group_waits_and_then_for_the_digest_and_the_end_of_quiet_hours() -> None:
    now = at("2026-06-01T21:59", BERLIN)
    assert due_of(Alerting(), now) == now
    grouped = Alerting(group_by=GroupBy.DEPLOYMENT, group_within=timedelta(seconds=30))
    assert due_of(grouped, now) == now + timedelta(seconds=30)
    late = grouped.model_copy(update={"group_within": timedelta(minutes=5), "quiet_hours": NIGHT})
    assert due_of(late, now) == at("2026-06-02T07:00", BERLIN)
    nightly = Alerting(digest=Digest(every=DigestEvery.DAY, at=time(23), timezone=BERLIN), quiet_hours=NIGHT)
    assert due_of(nightly, now) == at("2026-06-02T07:00", BERLIN)


@pytest.mark.parametrize(
    "given",
    [
        {"quiet_hours": {"start": "22:00", "end": "22:00"}},
        {"quiet_hours": {"start": "22:00", "end": "07:00", "days": []}},
        {"quiet_hours": {"start": "22:00", "end": "07:00", "timezone": "Europe/Nowhere"}},
        {"quiet_hours": {"start": "22:00+01:00", "end": "07:00"}},
        {"digest": {"every": "minute"}},
        {"group_by": "colour"},
        {"group_by": "flow", "group_within": 0},
        {"group_by": "flow", "group_within": 8 * 86400},
        {"notify_resolved": True},
        {"notify_resolved": True, "group_by": "cause"},
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Alerting.model_validate(given)
