"""Between completed runs no more may pass than was agreed; what does is told once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.slas.frequency import judged

START = datetime(2026, 1, 1, tzinfo=UTC)
STALE_AFTER = timedelta(seconds=60)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


@pytest.mark.parametrize(
    ("due", "completed", "until", "due_then", "missed"),
    [
        (60, [], 59, 60, []),
        (60, [], 60, None, [60]),
        (None, [], 500, None, []),
        (60, [50], 60, 110, []),
        (60, [60], 61, 120, []),
        (60, [61], 61, 121, [60]),
        (60, [50, 170], 171, 230, [110]),
        (None, [100], 130, 160, []),
        (None, [100], 160, None, [160]),
        (60, [10, 20, 30], 30, 90, []),
    ],
)
def test_table(due: int | None, completed: list[int], until: int, due_then: int | None, missed: list[int]) -> None:
    found = judged(None if due is None else at(due), map(at, completed), at(until), STALE_AFTER)
    assert found == (None if due_then is None else at(due_then), list(map(at, missed)))


@given(st.lists(st.integers(1, 600), max_size=20).map(sorted), st.lists(st.integers(1, 700), max_size=5).map(sorted))
def test_what_is_missed_does_not_depend_on_how_often_one_looks(completed: list[int], looks: list[int]) -> None:
    def told(ends: list[int]) -> list[datetime]:
        due: datetime | None = at(60)
        found: list[datetime] = []
        begin = 0
        for end in ends:
            due, missed = judged(due, [at(one) for one in completed if begin < one <= end], at(end), STALE_AFTER)
            found += missed
            begin = end
        return found

    assert told([*looks, 700]) == told([700])
