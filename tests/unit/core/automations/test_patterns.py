"""Patterns of event names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.automations.triggers.patterns import name_test


@pytest.mark.parametrize(
    ("patterns", "name", "expected"),
    [
        (["a.b"], "a.b", True),
        (["a.b"], "a.B", False),
        (["a.b"], "a.b.c", False),
        (["a.*"], "a.b", True),
        (["a.*"], "a.b.c", True),
        (["a.*"], "a.", False),
        (["a*c"], "ac", False),
        (["a*c"], "abc", True),
        (["*"], "a", True),
        (["*"], "", False),
        (["a.?"], "a.b", False),
        (["a.?"], "a.?", True),
        (["a.[bc]"], "a.b", False),
        (["a.b", "c*"], "cd", True),
        ([], "a", False),
    ],
)
def test_a_name_matches(patterns: list[str], name: str, expected: bool) -> None:
    assert name_test(patterns)(name) is expected


@given(st.text("a*", max_size=8), st.text("ab", max_size=8))
def test_it_matches_as_if_all_ways_were_tried(pattern: str, name: str) -> None:
    tried = re.fullmatch(".+".join(map(re.escape, pattern.split("*"))), name) is not None
    assert name_test([pattern])(name) is tried


def test_many_wildcards_do_not_try_all_ways() -> None:
    assert not name_test(["*a" * 40 + "b"])("a" * 1000)
