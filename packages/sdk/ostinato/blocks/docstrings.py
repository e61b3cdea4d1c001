"""What a class's docstring says of it: the text before its first section, and the examples."""

from __future__ import annotations

import inspect
import re

_SECTION = re.compile(r"([A-Z][A-Za-z ]*):")
_KNOWN = frozenset(
    {
        "args", "arguments", "attributes", "classes", "deprecated", "example", "examples", "functions",
        "keyword args", "keyword arguments", "methods", "modules", "other args", "other arguments",
        "other parameters", "params", "parameters", "raises", "exceptions", "receives", "returns", "warns",
        "warnings", "yields",
    }
)  # fmt: skip
_EXAMPLES = frozenset({"example", "examples"})


def _sections(docstring: str) -> dict[str, str]:
    """Return the text of each section by its title in lower case; that before the first has the title ""."""
    sections: dict[str, list[str]] = {"": []}
    title = ""
    for line in inspect.cleandoc(docstring).splitlines():
        heading = _SECTION.fullmatch(line.rstrip())
        if heading and heading[1].lower() in _KNOWN:
            title = heading[1].lower()
            sections.setdefault(title, [])
        else:
            sections[title].append(line)
    return {name: inspect.cleandoc("\n".join(["", *lines])) for name, lines in sections.items()}


def description_in(docstring: str) -> str | None:
    """Return the text before the first section (`Args:`, `Attributes:`, ...); None if there is none."""
    return _sections(docstring)[""].strip() or None


def example_in(docstring: str) -> str | None:
    """Return the text of the sections `Example:` or `Examples:`; None if there is none."""
    texts = [text for title, text in _sections(docstring).items() if title in _EXAMPLES and text]
    return "\n".join(texts) or None
