"""The arithmetic of slots: what drains, what is free, and when to come again."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.concurrency.slots import Limit, Waits, seconds_to_wait, share_out

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
WAITS = Waits()
COUNTS = st.integers(0, 10_000)


def limit(name: str = "db", **members: Any) -> Limit:  # members of `Limit`
    values: dict[str, Any] = {
        "id": UUID(int=1), "active": True, "limit": 4, "decay": 0.0, "occupancy": 2.0, "unleased": 0.0,
        "drained_at": NOW, "denied": 0.0, "denied_at": NOW, "version": 0,
    }  # fmt: skip
    return Limit(name=name, **(values | members))


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@given(COUNTS, COUNTS, st.floats(0, 100), st.floats(0, 10_000))
def test_slots_drain_as_a_whole_number_down_to_what_is_leased(
    unleased: int, leased: int, decay: float, seconds: float
) -> None:
    found = limit(unleased=float(unleased), leased=leased, decay=decay)
    assert found.in_use(NOW) == unleased + leased
    assert leased <= found.in_use(later(seconds)) <= unleased + leased
    assert found.in_use(later(seconds + 1)) <= found.in_use(later(seconds))
    assert found.free(NOW) == 4 - unleased - leased


def test_a_slot_is_free_when_it_has_drained_whole() -> None:
    found = limit(unleased=4.0, decay=0.5)
    assert [found.in_use(later(seconds)) for seconds in (0, 1.9, 2, 3.9, 4, 8, 9)] == [4, 4, 3, 3, 2, 0, 0]


def test_a_clock_that_went_back_drains_nothing() -> None:
    assert limit(unleased=4.0, decay=1.0).in_use(later(-5)) == 4


def test_what_was_denied_is_forgotten_by_the_decay_or_the_time_that_slots_are_held() -> None:
    assert limit(denied=6.0, decay=2.0).denied_at_time(later(2), WAITS) == 2
    assert limit(denied=6.0, occupancy=2.0).denied_at_time(later(4), WAITS) == 4
    assert limit(denied=6.0, occupancy=0.0).denied_at_time(later(0.5), WAITS) == 1
    assert limit(denied=6.0, occupancy=500.0).denied_at_time(later(60), WAITS) == 4
    assert limit("tag:x", denied=6.0, occupancy=500.0).denied_at_time(later(60), WAITS) == 0


@given(st.floats(0, 0.999), st.integers(1, 10))
def test_who_is_denied_comes_again_when_the_queue_is_likely_to_be_gone(uniform: float, slots: int) -> None:
    def wait(*limits: Limit) -> float:
        return seconds_to_wait(limits, slots, NOW, WAITS, uniform)

    def around(mean: float) -> tuple[float, float]:
        return mean * 0.69, mean * 1.3001

    for found, mean in (
        (limit(occupancy=2.0), min(2.0 * slots / 4, 30)),
        (limit(occupancy=2.0, denied=8.0), min(2.0 * (slots + 8) / 4, 30)),
        (limit(occupancy=900.0), min(30 * slots / 4, 30)),
        (limit("tag:x", occupancy=900.0), min(10 * slots / 4, 10)),
        (limit(decay=0.1, denied=1.0), (slots + 1) / 0.1),
    ):
        low, high = around(mean)
        assert low <= wait(found) <= high
        assert wait(limit(limit=1000, occupancy=1.0), found) == wait(found)


@given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=30), st.integers(0, 4), st.sampled_from([0, 0.5]))
def test_slots_are_given_out_in_turn_and_never_more_than_there_are(
    asked: list[tuple[int, bool]], leased: int, decay: float
) -> None:
    limits = [limit("one", leased=leased, decay=decay), limit("two", id=UUID(int=2), limit=9, lapsed=3)]

    after, answers = share_out(limits, asked, NOW, WAITS, lambda: 0.5)

    taken = sum(slots for (slots, _), denied in zip(asked, answers, strict=True) if denied is None)
    free = 4 - leased
    for (slots, _), denied in zip(asked, answers, strict=True):
        assert (denied is None) == (slots <= free)
        free -= slots if denied is None else 0
    assert [found.in_use(NOW) for found in after] == [leased + taken, taken]
    assert after[0].free(NOW) >= 0
    assert after[0].denied == sum(slots for slots, _ in asked) - taken
    assert after[1].denied == 0


def test_the_later_of_many_who_are_denied_at_once_is_told_to_wait_longer() -> None:
    idle = limit("idle", id=UUID(int=2), active=False, limit=0)
    after, answers = share_out([limit(leased=4), idle], [(1, True)] * 3, NOW, WAITS, lambda: 0.5)
    waits = [denied.retry_after for denied in answers if denied]
    assert waits == sorted(waits)
    assert waits[0] < waits[2]
    assert after[1] is idle
