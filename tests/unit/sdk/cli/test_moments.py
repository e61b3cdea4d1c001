"""Times in words."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.cli.moments import duration, moment

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)  # a Sunday


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90), ("in 5 minutes", 300), ("1 hour 30 minutes", 5400), ("2h30m", 9000), ("90 s", 90),
        ("1 hour, 5 minutes and 1 second", 3901), ("half an hour", 1800), ("an hour", 3600), ("1.5h", 5400),
        ("a week", 604800), ("2 DAYS", 172800),
    ],
)  # fmt: skip
def test_spans(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "soon", "5 parsecs", "-5", "5 minutes ago", "99999999999 weeks", "9" * 400, "1 h x"]
)
def test_what_is_no_span_is_told_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no span of time\. Give one as: 5 minutes"):
        duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17:30", "2026-11-22T17:30"), ("at 5:30pm", "2026-11-22T17:30"), ("15:00", "2026-11-23T15:00"),
        ("12am", "2026-11-23T00:00"), ("12 pm", "2026-11-23T12:00"), ("17:30:05", "2026-11-22T17:30:05"),
        ("today 18:00", "2026-11-22T18:00"), ("tomorrow at 9am", "2026-11-23T09:00"), ("Tomorrow", "2026-11-23T00:00"),
        ("friday noon", "2026-11-27T12:00"), ("sunday 9:00", "2026-11-29T09:00"), ("sunday 17:00", "2026-11-22T17:00"),
        ("2030-01-31", "2030-01-31T00:00"), ("2030-01-31 17:30", "2030-01-31T17:30"),
        ("2030-01-31 5pm", "2030-01-31T17:00"), ("at 2030-01-31T17:30:00+01:00", "2030-01-31T16:30"),
        ("in 2 days", "2026-11-24T16:00"), ("now", "2026-11-22T16:00"), ("midnight", "2026-11-23T00:00"),
    ],
)  # fmt: skip
def test_moments_of_utc_of_which_one_without_a_date_is_the_next(text: str, expected: str) -> None:
    assert moment(text, NOW) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "never", "25:00", "13pm", "17", "2030-02-31", "0001-01-01T00:00+05:00", "friday soon"]
)
def test_what_is_no_moment_is_told_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time\. Give one of UTC as: 17:30"):
        moment(text, NOW)


@given(st.integers(0, 400), st.integers(0, 100), st.integers(0, 100))
def test_a_span_is_the_sum_of_its_parts(hours: int, minutes: int, seconds: int) -> None:
    wanted = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    assert duration(f"{hours}h {minutes}min {seconds} seconds") == wanted
    assert duration(f"{hours} hours, {minutes} minutes and {seconds}s") == wanted


@given(st.integers(1, 2_000_000_000))
def test_iso_times_are_themselves(seconds: int) -> None:
    wanted = NOW + timedelta(seconds=seconds)
    assert moment(wanted.isoformat(), NOW) == wanted
    assert moment(f"at {wanted:%Y-%m-%d %H:%M:%S}", NOW) == wanted


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_refused_in_words(text: str) -> None:
    for parse in (duration, moment):
        with suppress(ValueError):
            parse(text)
