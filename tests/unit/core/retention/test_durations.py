"""Lengths of time as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.retention.durations import format_duration, parse_duration


@given(st.integers(min_value=1, max_value=10**9))
def test_what_is_written_is_read_again(seconds: int) -> None:
    length = timedelta(seconds=seconds)

    assert parse_duration(format_duration(length)) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90d", timedelta(days=90)),
        ("2w", timedelta(weeks=2)),
        ("1d12h", timedelta(hours=36)),
        (" 1D 30 m ", timedelta(days=1, minutes=30)),
        ("1.5h", timedelta(minutes=90)),
        ("3600", timedelta(hours=1)),
        (604800.0, timedelta(days=7)),
        ("P7D", timedelta(days=7)),
        ("7 days, 0:00:00", timedelta(days=7)),
        ("forever", None),
        ("Forever", None),
    ],
)
def test_the_ways_to_write_it(text: object, length: timedelta | None) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "soon", "0", "0d", "-1d", "-5", "nan", "inf", "9999999999999d", "1 year"])
def test_what_is_no_length_is_told_with_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="90d or 1d12h, or forever"):
        parse_duration(text)
