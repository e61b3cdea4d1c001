"""The arithmetic of waits and versions."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.client.retries import LONGEST_RETRY_AFTER, RetryPolicy, retry_after
from ostinato.client.versions import parse_version


def with_header(value: str) -> httpx.Response:
    """Return an answer with this `Retry-After`."""
    return httpx.Response(503, headers={b"Retry-After": value.encode("latin-1", "replace")})


@given(st.text(alphabet=st.characters(blacklist_characters="\r\n\0", max_codepoint=255)))
def test_any_retry_after_gives_a_wait_within_limits_or_none(value: str) -> None:
    seconds = retry_after(with_header(value))
    assert seconds is None or 0 <= seconds <= LONGEST_RETRY_AFTER


def test_retry_after_may_be_a_date() -> None:
    later = datetime.now(UTC) + timedelta(seconds=100)
    assert retry_after(with_header(format_datetime(later))) == pytest.approx(100, abs=2)


@given(st.integers(1, 8), st.floats(0, 1), st.floats(0, 1))
def test_waits_double_within_the_jitter(retry: int, factor: float, draw: float) -> None:
    wait = RetryPolicy(8, factor, frozenset(), lambda: draw).delay(retry, None)
    assert 2**retry * (1 - factor) - 1e-9 <= wait <= 2**retry * (1 + factor) + 1e-9


@given(st.lists(st.integers(0, 999), min_size=1, max_size=4), st.sampled_from(["", "rc1", "+local", ".dev1", "-beta"]))
def test_the_numbers_of_a_version_are_read(numbers: list[int], tail: str) -> None:
    assert parse_version(".".join(map(str, numbers)) + tail) == tuple(numbers)


@given(st.text())
def test_no_text_breaks_the_version_parser(text: str) -> None:
    assert all(number >= 0 for number in parse_version(text))
