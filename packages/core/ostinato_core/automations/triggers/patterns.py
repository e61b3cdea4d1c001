"""Patterns of event names: `*` stands for one or more characters, letters are told apart by case."""

import re
from collections.abc import Callable, Iterable

from ostinato_core.events.filters.labels import wildcards

NameTest = Callable[[str], bool]


def name_test(patterns: Iterable[str]) -> NameTest:
    """Return whether a name is one of the patterns, as a function. Without patterns none is."""
    given = list(patterns)
    names = frozenset(pattern for pattern in given if "*" not in pattern)
    wild = [wildcards(map(re.escape, pattern.split("*")), ".+") for pattern in given if "*" in pattern]
    if not wild:
        return names.__contains__
    expression = re.compile("|".join(wild), re.DOTALL)
    return lambda name: name in names or expression.fullmatch(name) is not None
