"""Templates in deployments and work pools: `{{ name }}` in any text of a JSON value (sdk.md, 25)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

# Any below: JSON values.

PLACEHOLDER: Final = re.compile(r"\{\{\s*([\w.\-\[\]$]+)\s*\}\}")
BLOCKS: Final = "prefect.blocks."
VARIABLES: Final = "prefect.variables."
ENVIRONMENT: Final = "$"


class Missing:
    """The type of `MISSING`."""


MISSING: Final = Missing()
"""Stands for a value that nobody gave; the member that it would be is left out."""

LookUp = Callable[[str], Any]
"""Returns the value of a name; MISSING if there is none; KEEP to leave the placeholder as it is."""

KEEP: Final = Missing()


def fill(value: Any, look_up: LookUp) -> Any:
    """Return `value` with its placeholders filled; MISSING if it is a placeholder without a value.

    A text that is one placeholder becomes its value, of whatever type; members without a value are left out.
    """
    if isinstance(value, str):
        return _fill_text(value, look_up)
    if isinstance(value, dict):
        members = {key: fill(item, look_up) for key, item in cast("dict[str, Any]", value).items()}
        return {key: item for key, item in members.items() if item is not MISSING}
    if isinstance(value, list):
        items = [fill(item, look_up) for item in cast("list[Any]", value)]
        return [item for item in items if item is not MISSING]
    return value


def _fill_text(text: str, look_up: LookUp) -> Any:
    whole = PLACEHOLDER.fullmatch(text.strip())
    if whole:
        found = look_up(whole[1])
        return text if found is KEEP else found

    def replaced(match: re.Match[str]) -> str:
        found = look_up(match[1])
        if found is KEEP:
            return match[0]
        return "" if found is MISSING or found is None else str(found)

    return PLACEHOLDER.sub(replaced, text)


def by_path(values: Mapping[str, Any], path: str) -> Any:
    """Return the value at `a.b[0].c` in nested values, or MISSING."""
    if path in values:
        return values[path]
    found: Any = values
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(found, dict) and step in found:
            found = cast("dict[str, Any]", found)[step]
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(cast("list[Any]", found)):
            found = cast("list[Any]", found)[int(step)]
        else:
            return MISSING
    return found


def names_in(value: Any) -> set[str]:
    """Return the names of all placeholders in a JSON value."""
    names: set[str] = set()

    def note(name: str) -> Any:
        names.add(name)
        return KEEP

    fill(value, note)
    return names


def is_reference(name: str) -> bool:
    """Whether a name is that of a block, of a variable or of an environment variable."""
    return name.startswith((BLOCKS, VARIABLES, ENVIRONMENT))


def block_of(name: str) -> tuple[str, str, str]:
    """Return type, name and path within the data of `prefect.blocks.<type>.<name>[.path]`. Raises ValueError."""
    kind, _, rest = name.removeprefix(BLOCKS).partition(".")
    block, _, path = rest.partition(".")
    if not kind or not block:
        raise ValueError(f"A block is referred to by prefect.blocks.<type>.<name>, got {name!r}.")
    return kind, block, path


def block_value(data: Mapping[str, Any], path: str) -> Any:
    """Return the part of a block's data; of a block that has only `value`, that."""
    if path:
        return by_path(data, path)
    return data["value"] if set(data) == {"value"} else dict(data)


def resolve_templates(
    value: Any,
    outputs: Mapping[str, Any] | None = None,
    keep: Callable[[str], bool] = lambda _: False,
    missing: Callable[[str], None] = lambda _: None,
) -> Any:
    """Return `value` with what a server, the environment and `outputs` know filled in, asking the server if need be.

    Names that `keep` says yes to stay as they are; `missing` is called with each that has no value.
    """
    wanted = sorted(name for name in names_in(value) if name.startswith((BLOCKS, VARIABLES)) and not keep(name))
    known: dict[str, Any] = {}
    if wanted:
        from ostinato.client import get_client

        with get_client(sync_client=True) as client:
            for name in wanted:
                if name.startswith(VARIABLES):
                    known[name] = client.read_variable_value(name.removeprefix(VARIABLES)) or ""
                else:
                    kind, block, path = block_of(name)
                    known[name] = block_value(client.read_block_data(kind, block), path)
    look_up = looking_up(outputs or {}, known)

    def kept_or_found(name: str) -> Any:
        found = KEEP if keep(name) else look_up(name)
        if found is MISSING:
            missing(name)
        return found

    return fill(value, kept_or_found)


def looking_up(values: Mapping[str, Any], known: Mapping[str, Any]) -> LookUp:
    """Return the function that looks a name up: among what the server said, in the environment, then in `values`."""

    def look_up(name: str) -> Any:
        if name in known:
            return known[name]
        if name.startswith(ENVIRONMENT):
            return os.environ.get(name[1:], "")
        return by_path(values, name)

    return look_up
