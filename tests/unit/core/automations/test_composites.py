"""Compound and sequence triggers: which firings of their children amount to one of their own."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from ostinato_core.automations.firings import Firing, TriggerState
from ostinato_core.automations.triggers.composites import Composite, Stored, on_firing
from tests.unit.core.automations.scene import at

CHILDREN = {letter: uuid4() for letter in "abc"}


def composite(children: str, needed: int, within: float | None = 60, *, in_order: bool = False) -> Composite:
    ids = [CHILDREN[letter] for letter in children]
    time = None if within is None else timedelta(seconds=within)
    return Composite(uuid4(), uuid4(), ids, needed, time, in_order)


def play(trigger: Composite, story: list[tuple[str, float]]) -> list[tuple[float, str]]:
    """Return when the trigger fires, and by the firings of which children, in their order."""
    letters = {child: letter for letter, child in CHILDREN.items()}
    stored: Stored = dict[UUID, Firing]()
    fired: list[tuple[float, str]] = []
    for letter, second in story:
        firing = Firing(CHILDREN[letter], TriggerState.TRIGGERED, at(second))
        stored, used = on_firing(trigger, stored, firing)
        if used is not None:
            fired.append((second, "".join(letters[each.trigger_id] for each in used)))
    return fired


@pytest.mark.parametrize(
    ("trigger", "story", "expected"),
    [
        pytest.param(composite("ab", 1), [("a", 0), ("b", 1)], [(0, "a"), (1, "b")], id="any"),
        pytest.param(composite("ab", 2), [("b", 0), ("b", 1), ("a", 2), ("a", 3)], [(2, "ba")], id="all"),
        pytest.param(composite("abc", 2), [("c", 0), ("a", 1), ("a", 2), ("b", 3)], [(1, "ca"), (3, "ab")], id="two"),
        pytest.param(composite("ab", 2, 5), [("a", 0), ("b", 5)], [(5, "ab")], id="just within"),
        pytest.param(composite("ab", 2, 5), [("a", 0), ("b", 6), ("a", 11)], [(11, "ba")], id="not within"),
        pytest.param(composite("ab", 2, 5), [("a", 0), ("a", 4), ("b", 8)], [(8, "ab")], id="the last one counts"),
        pytest.param(composite("ab", 2, None), [("a", 0), ("b", 9e6)], [(9e6, "ab")], id="whenever"),
        pytest.param(composite("ab", 2, 9e12), [("a", 0), ("b", 9e6)], [(9e6, "ab")], id="longer than there is time"),
        pytest.param(composite("ab", 2, in_order=True), [("a", 0), ("b", 1)], [(1, "ab")], id="in order"),
        pytest.param(composite("ab", 2, in_order=True), [("b", 0), ("a", 1)], [], id="in another order"),
        pytest.param(composite("ab", 2, in_order=True), [("b", 0), ("a", 1), ("b", 2)], [(2, "ab")], id="at last"),
        pytest.param(
            composite("abc", 3, in_order=True),
            [("a", 0), ("b", 1), ("a", 2), ("c", 3), ("b", 4), ("c", 5)],
            [(5, "abc")],
            id="begun again",
        ),
        pytest.param(composite("a", 1, in_order=True), [("a", 0)], [(0, "a")], id="a sequence of one"),
        pytest.param(composite("ab", 2, in_order=True), [("a", 0), ("b", 0)], [(0, "ab")], id="at the same time"),
    ],
)
def test_firings_of_children(
    trigger: Composite, story: list[tuple[str, float]], expected: list[tuple[float, str]]
) -> None:
    assert play(trigger, story) == expected
