"""The arithmetic of partitions: parts follow each other without a gap and hold the moment they were made for."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.db.partitions import Partition, day, month, planned

Period = Callable[[datetime], tuple[str, datetime, datetime]]

MOMENTS = st.integers(min_value=0, max_value=2**33).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(MOMENTS, st.sampled_from([day, month]))
def test_a_part_holds_its_moment(
    moment: datetime, period: Callable[[datetime], tuple[str, datetime, datetime]]
) -> None:
    _, start, end = period(moment)
    assert start <= moment < end
    assert period(end)[1] == end


@pytest.mark.parametrize(
    ("moment", "suffix", "end"),
    [
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), "202612", datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), "202802", datetime(2028, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_month_ends_where_the_next_begins(moment: datetime, suffix: str, end: datetime) -> None:
    assert month(moment)[::2] == (suffix, end)


@given(MOMENTS)
def test_the_parts_of_a_table_follow_each_other_and_hold_the_present(now: datetime) -> None:
    parts: dict[str, list[Partition]] = defaultdict(list)
    for part in planned(now):
        parts[part.table].append(part)
    assert set(parts) == {"events", "logs", "task_run_states"}
    for of_table in parts.values():
        assert of_table[0].start <= now < of_table[0].end
        assert [part.end for part in of_table[:-1]] == [part.start for part in of_table[1:]]
        assert len({part.name for part in of_table}) == len(of_table)
