"""Spans of time as explanations put them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ostinato_core.flow_runs.explanation.words import how_long

SIZES = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (0.9, "0 s"),
        (59, "59 s"),
        (61, "1 min 1 s"),
        (7200, "2 h"),
        (7205, "2 h"),
        (90_061, "1 d 1 h"),
    ],
)
def test_two_units_at_most(seconds: float, text: str) -> None:
    assert how_long(timedelta(seconds=seconds)) == text


@given(some.integers(min_value=0, max_value=10**9))
def test_a_span_is_told_to_its_second_greatest_unit(seconds: int) -> None:
    words = how_long(timedelta(seconds=seconds)).split()
    numbers, units = [int(word) for word in words[::2]], words[1::2]
    told = sum(number * SIZES[unit] for number, unit in zip(numbers, units, strict=True))
    names = list(SIZES)
    next_unit = names[min(names.index(units[0]) + 1, len(names) - 1)]
    assert 0 <= seconds - told < SIZES[next_unit]
