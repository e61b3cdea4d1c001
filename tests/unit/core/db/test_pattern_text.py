"""What every match of a regular expression holds."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ostinato_core.db import patterns
from ostinato_core.db.pattern_text import required_text
from ostinato_core.errors import Invalid


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"line 999\b", "line 999"),
        ("ERROR.*Timeout", "timeout"),
        (r"10\.0\.0\.1", "10.0.0.1"),
        ("abcd?ef", "abc"),
        ("abcd{2,}", "abc"),
        ("abc+d", "abc"),
        ("(abcdef)? xyz", " xyz"),
        ("(?:long )(group)", ""),
        ("[abcdef]{3}nab", "nab"),
        (r"[\]abc]nab", "nab"),
        ("[]abc]nab", "nab"),
        ("customer", "tomer"),
        ("a|bcd", ""),
        (r"\123456", ""),
        ("größer", ""),
        ("ab", ""),
        ("", ""),
    ],
)
def test_the_longest_text_is_found(pattern: str, text: str) -> None:
    assert required_text(pattern) == text


@given(st.text("abkK.*+?()[]^${}\\,1dw:-_ ", max_size=14), st.text("abkKſK1_. ", max_size=14))
def test_every_match_holds_it(pattern: str, text: str) -> None:
    try:
        patterns.check(pattern)
    except Invalid:
        assume(False)
    if patterns.matches(text, pattern):
        assert required_text(pattern) in text.lower()


@given(st.text("abcdef", min_size=3, max_size=8), st.sampled_from(["", ".", "x*", "(b)?", r"\d?", "a{0}"]))
def test_what_may_be_missing_changes_nothing(text: str, more: str) -> None:
    assert required_text(more + text) == text
