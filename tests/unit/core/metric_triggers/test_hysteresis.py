"""A metric trigger fires once what it watches for has lasted, and resolves once the contrary has."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.metric_triggers.hysteresis import LONGEST_GAP, Standing, looked

START = datetime(2026, 1, 1, tzinfo=UTC)
FIRING_FOR = timedelta(seconds=300)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def changes(looks: list[tuple[float, bool]]) -> list[tuple[float, bool]]:
    """Return at which looks the trigger fired (true) or resolved, of looks as (second, is it breached)."""
    standing, found = Standing(), list[tuple[float, bool]]()
    for second, is_breached in looks:
        after = looked(standing, at(second), FIRING_FOR, is_breached=is_breached)
        if after.is_firing is not standing.is_firing:
            found.append((second, after.is_firing))
        standing = after
    return found


def every(step: int, begin: int, end: int, *, is_breached: bool) -> list[tuple[float, bool]]:
    return [(second, is_breached) for second in range(begin, end, step)]


Looks = list[tuple[float, bool]]

CASES: dict[str, tuple[Looks, Looks]] = {
    "not before it has lasted": (every(30, 0, 300, is_breached=True), []),
    "once it has": (every(30, 0, 301, is_breached=True), [(300, True)]),
    "once only": (every(30, 0, 3000, is_breached=True), [(300, True)]),
    "a break begins anew": (
        [*every(30, 0, 270, is_breached=True), (270, False), *every(30, 300, 900, is_breached=True)],
        [(600, True)],
    ),
    "a restart does not": (
        [*every(30, 0, 150, is_breached=True), *every(30, 210, 400, is_breached=True)],
        [(300, True)],
    ),
    "a long absence does": (
        [*every(30, 0, 150, is_breached=True), *every(30, 300, 900, is_breached=True)],
        [(600, True)],
    ),
    "resolved once the contrary has lasted": (
        [*every(30, 0, 301, is_breached=True), *every(30, 330, 900, is_breached=False)],
        [(300, True), (630, False)],
    ),
    "not by a short relief": (
        [*every(30, 0, 301, is_breached=True), (330, False), *every(30, 360, 600, is_breached=True)],
        [(300, True)],
    ),
    "never without a breach": (every(30, 0, 3000, is_breached=False), []),
}


@pytest.mark.parametrize("name", CASES)
def test_table(name: str) -> None:
    looks, wanted = CASES[name]
    assert changes(looks) == wanted


LOOKS = st.lists(st.tuples(st.integers(1, 200), st.booleans()), max_size=60).map(
    lambda steps: [(sum(step for step, _ in steps[: n + 1]), found) for n, (_, found) in enumerate(steps)]
)


@given(LOOKS)
def test_a_change_is_what_all_looks_since_long_enough_have_found(looks: list[tuple[float, bool]]) -> None:
    for second, is_firing in changes(looks):
        seen = [look for look in looks if look[0] <= second]
        same = [look for n, look in enumerate(seen) if all(found is is_firing for _, found in seen[n:])]
        lasting = [n for n, look in enumerate(same) if second - look[0] >= FIRING_FOR.total_seconds()]
        assert lasting
        gaps = [later - earlier for (earlier, _), (later, _) in pairwise(same[lasting[-1] :])]
        assert all(gap <= LONGEST_GAP.total_seconds() for gap in gaps)


@given(LOOKS)
def test_firing_and_resolving_take_turns_and_begin_with_firing(looks: list[tuple[float, bool]]) -> None:
    found = [is_firing for _, is_firing in changes(looks)]
    assert found == [n % 2 == 0 for n in range(len(found))]
