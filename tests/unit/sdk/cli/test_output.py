"""Relative times in words."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.cli.output import relative

NOW = datetime(2026, 5, 17, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(0), "just now"),
        (timedelta(milliseconds=-900), "just now"),
        (timedelta(seconds=-1), "1 second ago"),
        (timedelta(minutes=-5, seconds=-59), "5 minutes ago"),
        (timedelta(hours=1), "in 1 hour"),
        (timedelta(days=2, hours=5), "in 2 days"),
        (timedelta(days=-13), "1 week ago"),
        (timedelta(days=-61), "2 months ago"),
        (timedelta(days=-800), "2 years ago"),
    ],
)
def test_examples(distance: timedelta, words: str) -> None:
    assert relative(NOW + distance, NOW) == words


@given(st.timedeltas(min_value=timedelta(days=-3000), max_value=timedelta(days=3000)))
def test_words_tell_the_direction_and_never_more_than_the_distance(distance: timedelta) -> None:
    words = relative(NOW + distance, NOW)
    if words == "just now":
        assert abs(distance) < timedelta(seconds=1)
        return
    match = re.fullmatch(r"(in )?(\d+) (second|minute|hour|day|week|month|year)s?( ago)?", words)
    assert match is not None
    assert bool(match[1]) == (distance > timedelta(0)) != bool(match[4])
    units = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000, "year": 31536000}
    size = units[match[3]]
    assert 0 <= abs(distance).total_seconds() - int(match[2]) * size < size


def test_no_time_is_no_text() -> None:
    assert relative(None) == ""
