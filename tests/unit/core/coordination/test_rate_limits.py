"""The arithmetic of a bucket that holds a minute's worth of requests and fills up evenly."""

from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.coordination.rate_limits import MINUTE, MOST_KNOWN, MemoryRateLimits, take_one

RATES = st.integers(1, 100_000)


@given(RATES, st.lists(st.floats(0, 30), max_size=300))
def test_no_more_is_let_through_than_a_minutes_worth_and_what_filled_up_since(rate: int, pauses: list[float]) -> None:
    now, full_at, taken = 0.0, 0.0, 0
    for pause in pauses:
        now += pause
        full_at, wait = take_one(full_at, now, rate)
        taken += wait == 0
    assert taken <= rate + rate * now / MINUTE + 1


@given(st.integers(1, 500))
def test_a_minutes_worth_may_come_at_once(rate: int) -> None:
    full_at, waits = 0.0, list[float]()
    for _ in range(rate + 1):
        full_at, wait = take_one(full_at, 100.0, rate)
        waits.append(wait)
    assert waits[:-1] == [0.0] * rate
    assert 0 < waits[-1] <= MINUTE / rate + 0.001


@given(RATES, st.floats(0, 1e9), st.floats(-1e3, 1e3))
def test_who_waits_as_long_as_he_is_told_is_let_through(rate: int, now: float, until_full: float) -> None:
    full_at = now + until_full
    after, wait = take_one(full_at, now, rate)
    if wait:
        assert after == full_at
        assert take_one(full_at, now + wait, rate)[1] == 0


async def test_clients_have_buckets_of_their_own() -> None:
    limits = MemoryRateLimits(1)
    assert await limits.take("one") == 0
    assert 0 < await limits.take("one") <= MINUTE
    assert await limits.take("other") == 0


async def test_memory_has_an_end() -> None:
    limits = MemoryRateLimits(1)
    for number in range(MOST_KNOWN + 1):
        assert await limits.take(str(number)) == 0
    assert await limits.take("0") == 0, "who was forgotten has a full bucket"
    assert await limits.take(str(MOST_KNOWN)) > 0
