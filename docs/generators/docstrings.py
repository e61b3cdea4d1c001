"""Docstrings are prose with a little Markdown, as the server shows those of blocks; autodoc wants reStructuredText."""

import inspect
import re

_CODE = re.compile(r"(`+[^`]+`+)")
_SPECIAL = re.compile(r"([*|\\]|_(?!\w))")


def to_restructured_text(*args: object) -> None:
    """Change a docstring for autodoc: code in backticks, fenced blocks; all else stays the text that it is."""
    what, value = args[1], args[3]
    lines: list[str] = args[5]  # pyright: ignore[reportAssignmentType] - changed in place, as autodoc asks for
    is_of_type = what == "data" and "\n".join(lines).strip() in {inspect.getdoc(value), inspect.getdoc(type(value))}
    lines[:] = [] if is_of_type else converted(lines)


def converted(lines: list[str]) -> list[str]:
    """Return the lines of a docstring as reStructuredText."""
    made: list[str] = []
    prose: list[str] = []
    fenced = False
    for line in lines:
        if line.lstrip().startswith("```"):
            indent, _, language = line.partition("```")
            made += [*_prose(prose), "", *([] if fenced else [f"{indent}.. code-block:: {language or 'text'}", ""])]
            prose, fenced = [], not fenced
        elif fenced:
            made.append(f"   {line}")
        else:
            prose.append(line)
    return made + _prose(prose)


def _prose(lines: list[str]) -> list[str]:
    """Code may reach over the end of a line, so the text is taken as a whole."""
    if not lines:
        return []
    parts = _CODE.split("\n".join(lines))
    for index, part in enumerate(parts):
        if index % 2:
            # a literal must not touch the word after it, unless a mark that is not shown stands between
            after = "\\ " if re.match(r"\w", parts[index + 1]) else ""
            parts[index] = f"``{part.strip('`')}``{after}"
        else:
            parts[index] = _SPECIAL.sub(r"\\\1", part)
    return "".join(parts).split("\n")
