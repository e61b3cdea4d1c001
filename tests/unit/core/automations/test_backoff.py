"""When attempts are made again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.automations.deliveries.backoff import LONGEST_PAUSE, LONGEST_REQUEST, Backoff


@pytest.mark.parametrize(("attempt", "pause"), [(1, 5.0), (2, 10.0), (3, 20.0), (7, 320.0), (8, 600.0), (9, 600.0)])
def test_pauses_double_up_to_the_longest(attempt: int, pause: float) -> None:
    assert Backoff(10, 5.0, lambda: 0.0).pause(attempt) == pause


def test_the_last_attempt_is_not_followed_by_another() -> None:
    assert Backoff(3, 5.0).pause(3) is None
    assert Backoff(3, 5.0).pause(4, 60.0) is None


def test_a_service_that_asks_for_it_is_left_alone_but_not_for_ever() -> None:
    backoff = Backoff(10, 5.0, lambda: 0.0)
    assert backoff.pause(1, 60.0) == 60.0
    assert backoff.pause(3, 1.0) == 20.0
    assert backoff.pause(1, 1e9) == LONGEST_REQUEST


@given(st.integers(1, 10_000), st.floats(0.001, 1e6), st.floats(0, 1))
def test_a_pause_lies_between_half_of_it_and_the_longest(attempt: int, first: float, chance: float) -> None:
    pause = Backoff(20_000, first, lambda: chance).pause(attempt)
    assert pause is not None
    assert min(first, LONGEST_PAUSE) / 2 <= pause <= LONGEST_PAUSE
