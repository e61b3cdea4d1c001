"""Patterns of label values: `*` stands for any run of characters, `?` for one, a leading `!` negates."""

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

LIKE_ESCAPE = "\\"


def wildcards(parts: Iterable[str], wild: str) -> str:
    """Return a regular expression of parts with any text between them, as `wild` has it: `.*` or `.+`.

    Each part is looked for once, where it comes first: else a few wildcards would take for ever to fail.
    """
    first, *others = parts
    if not others:
        return first
    *between, last = others
    return first + "".join(f"(?>{wild}?{part})" for part in between) + wild + last


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
        parts = (
            "".join("." if letter == "?" else re.escape(letter) for letter in part) for part in self.pattern.split("*")
        )
        return re.compile(wildcards(parts, ".*"), re.DOTALL)

    @cached_property
    def test(self) -> Callable[[str], bool]:
        """Whether a value satisfies the pattern, as a function."""
        if self.is_literal:
            return self.pattern.__ne__ if self.is_negated else self.pattern.__eq__
        matched = self._expression.fullmatch
        return (lambda value: matched(value) is None) if self.is_negated else (lambda value: matched(value) is not None)

    def matches(self, value: str) -> bool:
        """Whether a value satisfies the pattern."""
        return self.test(value)


class ShellPattern(LabelPattern):
    """A pattern that knows brackets, too: `[ab]` stands for one of these letters, as triggers have it."""

    @property
    def is_literal(self) -> bool:
        """Whether it has no wildcards."""
        return super().is_literal and "[" not in self.pattern

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(fnmatch.translate(self.pattern))


Labels = Mapping[str, Sequence[LabelPattern]]
"""For each label the patterns of which its value must satisfy one."""


def read_labels(
    specification: Mapping[str, str | list[str]], exact: str | None = None, kind: type[LabelPattern] = LabelPattern
) -> Labels:
    """Return the patterns of a specification; those of the label `exact` are taken as values, not as patterns."""
    return {
        label: [
            kind(text[1:], True) if text.startswith("!") else kind(text, False)
            for text in ([values] if isinstance(values, str) else values)
        ]
        for label, values in specification.items()
        if label != exact
    }
