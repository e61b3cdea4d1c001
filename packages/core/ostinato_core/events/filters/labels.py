"""Patterns of label values: `*` stands for any run of characters, `?` for one, a leading `!` negates."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

LIKE_ESCAPE = "\\"


@dataclass(frozen=True)
class LabelPattern:
    """A pattern of one value; letters are told apart by case."""

    pattern: str
    is_negated: bool

    @property
    def is_literal(self) -> bool:
        """Whether it has no wildcards."""
        return "*" not in self.pattern and "?" not in self.pattern

    @property
    def glob(self) -> str:
        """The same for SQLite's GLOB, which also knows brackets."""
        return self.pattern.replace("[", "[[]")

    @property
    def like(self) -> str:
        """The same for LIKE with `LIKE_ESCAPE`."""
        text = self.pattern
        for special in (LIKE_ESCAPE, "%", "_"):
            text = text.replace(special, LIKE_ESCAPE + special)
        return text.replace("*", "%").replace("?", "_")

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        parts = {"*": ".*", "?": "."}
        return re.compile("".join(parts.get(letter) or re.escape(letter) for letter in self.pattern), re.DOTALL)

    def matches(self, value: str) -> bool:
        """Whether a value satisfies the pattern."""
        found = value == self.pattern if self.is_literal else self._expression.fullmatch(value) is not None
        return found is not self.is_negated


Labels = Mapping[str, Sequence[LabelPattern]]
"""For each label the patterns of which its value must satisfy one."""


def read_labels(specification: Mapping[str, str | list[str]], exact: str | None = None) -> Labels:
    """Return the patterns of a specification; those of the label `exact` are taken as values, not as patterns."""
    return {
        label: [
            LabelPattern(text[1:], True) if text.startswith("!") else LabelPattern(text, False)
            for text in ([values] if isinstance(values, str) else values)
        ]
        for label, values in specification.items()
        if label != exact
    }
