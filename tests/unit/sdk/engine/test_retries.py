"""Arithmetic of retry delays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.engine.retries import RetryPolicy, exponential_backoff

delays = st.floats(min_value=0, max_value=1e6)
factors = st.floats(min_value=0, max_value=5)


@given(delay=delays, factor=factors, retry=st.integers(min_value=1, max_value=100))
def test_jitter_stays_within_its_share(delay: float, factor: float, retry: int) -> None:
    policy = RetryPolicy.of(100, delay, factor)

    drawn = policy.delay_before(retry)

    assert max(0.0, delay * (1 - factor)) * 0.999 <= drawn <= delay * (1 + factor) * 1.001


def test_jitter_really_applies() -> None:
    policy = RetryPolicy.of(1, 10, 0.5)

    assert policy.delay_before(1, lambda low, high: high) == 15
    assert policy.delay_before(1, lambda low, high: low) == 5
    assert RetryPolicy.of(1, 10, None).delay_before(1) == 10


@given(st.lists(delays, min_size=1, max_size=50), st.integers(min_value=1, max_value=100))
def test_last_delay_of_a_list_repeats(listed: list[float], retry: int) -> None:
    assert RetryPolicy.of(100, listed, None).delay_before(retry) == listed[min(retry, len(listed)) - 1]


def test_exponential_backoff_doubles() -> None:
    assert exponential_backoff(10)(4) == [10, 20, 40, 80]
    assert RetryPolicy.of(3, exponential_backoff(1), None).delays == (1, 2, 4)


def test_policy_on_the_wire() -> None:
    assert RetryPolicy.of(2, 1.5, 0.1).on_the_wire() == {
        "max_retries": 0,
        "retry_delay_seconds": 0.0,
        "retries": 2,
        "retry_delay": 1.5,
        "retry_jitter_factor": 0.1,
    }
    assert RetryPolicy.of(2, [1, 2], None).on_the_wire()["retry_delay"] == [1, 2]


@pytest.mark.parametrize(
    ("retries", "delay", "factor", "text"),
    [
        (-1, 0, None, "`retries`"),
        (1, -1, None, "`retry_delay_seconds`"),
        (1, [0] * 51, None, "50 delays"),
        (1, 0, -0.1, "`retry_jitter_factor`"),
    ],
)
def test_impossible_values_are_refused(retries: int, delay: float, factor: float | None, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        RetryPolicy.of(retries, delay, factor)
