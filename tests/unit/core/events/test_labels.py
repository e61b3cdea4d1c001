"""Patterns of label values."""

import pytest

from ostinato_core.events.filters.labels import read_labels


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("abc", "abc", True),
        ("abc", "ABC", False),
        ("a*", "a", True),
        ("a*c", "a\nb.c", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("*", "", True),
        ("[ab]", "a", False),
        ("[ab]", "[ab]", True),
        ("a.c", "abc", False),
        ("!abc", "abc", False),
        ("!a*", "bcd", True),
        ("!!a", "a", True),
        ("!!a", "!a", False),
    ],
)
def test_a_pattern_matches(pattern: str, value: str, expected: bool) -> None:
    (read,) = read_labels({"label": pattern})["label"]
    assert read.matches(value) is expected


def test_a_label_that_is_compared_exactly_is_left_to_others() -> None:
    assert list(read_labels({"a": "x", "b": ["y"]}, exact="b")) == ["a"]
