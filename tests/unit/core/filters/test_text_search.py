"""The grammar of text searches: what a query asks for, and what it finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.filters.text_search import TextQuery, parse

WORDS = st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters='"\\+-!'), min_size=1)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", TextQuery()),
        (" \t\u3000", TextQuery()),
        ("alpha beta", TextQuery(any=("alpha", "beta"))),
        ("alpha\tbeta\u00a0gamma", TextQuery(any=("alpha", "beta", "gamma"))),
        ('say "hi there"', TextQuery(any=("say", "hi there"))),
        ('"a \\"b\\" \\\\ \\c"', TextQuery(any=('a "b" \\ \\c',))),
        ("-alpha !beta +gamma", TextQuery(none=("alpha", "beta"), all=("gamma",))),
        ('-"a b" +"c d"', TextQuery(none=("a b",), all=("c d",))),
        ("- alpha +\tbeta", TextQuery(any=("alpha", "beta"))),
        ("--alpha +-beta", TextQuery(none=("-alpha",), all=("-beta",))),
        ("a-b c+d", TextQuery(any=("a-b", "c+d"))),
        ('a"b', TextQuery(any=("a", "b"))),
        ('-a"b', TextQuery(any=("b",), none=("a",))),
        ('"a b"c', TextQuery(any=("a b", "c"))),
        ('a" "b', TextQuery(any=("a", "b"))),
        ('"a b', TextQuery(any=("a b",))),
        ('" a', TextQuery(any=(" a",))),
        ('"" -"" + " "', TextQuery()),
        ("-", TextQuery()),
        ("a\\ b", TextQuery(any=("a\\", "b"))),
        ("same same", TextQuery(any=("same",))),
    ],
)
def test_a_query_asks_for_its_terms(query: str, expected: TextQuery) -> None:
    assert parse(query) == expected


@given(TEXTS)
def test_every_text_is_a_query_without_empty_terms(query: str) -> None:
    found = parse(query)

    assert all(term.strip() for term in (*found.any, *found.none, *found.all))


@given(st.lists(WORDS, unique=True), st.lists(WORDS, unique=True), st.lists(WORDS, unique=True))
def test_plain_words_are_read_as_they_are_written(plain: list[str], excluded: list[str], required: list[str]) -> None:
    query = " ".join([*plain, *(f"-{word}" for word in excluded), *(f"+{word}" for word in required)])

    assert parse(query) == TextQuery(tuple(plain), tuple(excluded), tuple(required))


@given(TEXTS.filter(str.strip))
def test_any_text_can_be_asked_for_as_a_phrase(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')

    assert parse(f'+"{escaped}"') == TextQuery(all=(text,))


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("", True),
        ("BETA", True),
        ("zeta beta", True),
        ("zeta", False),
        ("-beta", False),
        ("-zeta", True),
        ("+alpha +beta", True),
        ("+alpha +zeta", False),
        ("beta -alpha", False),
        ('"alpha beta"', True),
        ('"beta alpha"', False),
    ],
)
def test_a_query_finds_texts_in_any_case(query: str, matches: bool) -> None:
    assert parse(query).matches("Alpha Beta gamma") is matches
