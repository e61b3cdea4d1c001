"""The order of a pool's queues: priorities are positive, 1 comes first, and no two queues share one."""

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")


def lowest_free(taken: Mapping[K, int]) -> int:
    """Return the lowest priority that no queue has."""
    used = set(taken.values())
    priority = 1
    while priority in used:
        priority += 1
    return priority


def moved_back(taken: Mapping[K, int], wanted: int) -> dict[K, int]:
    """Return the queues that make room for another one at `wanted`, with their new priorities.

    Whoever stands there moves back by one, and so does who stands behind him without a gap.
    """
    by_priority = {priority: key for key, priority in taken.items()}
    moved: dict[K, int] = {}
    priority = wanted
    while priority in by_priority:
        moved[by_priority[priority]] = priority + 1
        priority += 1
    return moved
