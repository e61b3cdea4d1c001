"""Priorities of queues stay positive and apart, whatever is put in (behaviour.md, section 14.2)."""

from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.work_queues.order import lowest_free, moved_back

orders = st.dictionaries(st.integers(0, 50), st.integers(1, 30)).map(
    lambda found: {key: priority for priority, key in {priority: key for key, priority in found.items()}.items()}
)


def test_who_makes_room_moves_no_further_than_the_next_gap() -> None:
    taken = {"a": 1, "b": 2, "c": 4, "d": 5}

    assert moved_back(taken, 1) == {"a": 2, "b": 3}
    assert moved_back(taken, 3) == {}
    assert moved_back(taken, 4) == {"c": 5, "d": 6}


def test_the_lowest_free_priority_fills_gaps() -> None:
    assert [lowest_free(taken) for taken in ({}, {"a": 1}, {"a": 2}, {"a": 1, "b": 2, "c": 4})] == [1, 2, 1, 3]


@given(orders, st.integers(1, 40))
def test_a_new_queue_gets_what_it_wants_and_the_others_keep_their_order(taken: dict[int, int], wanted: int) -> None:
    after = taken | moved_back(taken, wanted)

    assert wanted not in after.values()
    assert len(set(after.values())) == len(after)
    assert sorted(taken, key=taken.__getitem__) == sorted(after, key=after.__getitem__)
    assert all(taken[key] <= after[key] <= taken[key] + 1 for key in taken)


@given(orders)
def test_the_lowest_free_priority_is_free_and_the_lowest(taken: dict[int, int]) -> None:
    found = lowest_free(taken)

    assert found not in taken.values()
    assert set(range(1, found)) <= set(taken.values())
