"""Writing a deployment into the project file, between what people wrote there: comments and order stay."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato.deployments.project.file import ProjectFileError

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject

# Any below: nodes of the package `yaml`, whose types are loose.

KEY = "deployments"


def save_entry(path: Path, entry: JsonObject) -> bool:
    """Put an entry into a file, in the place of the one with its name and entrypoint; whether there was one.

    The file is made if there is none. Raises ProjectFileError if it is no project file.
    """
    import yaml

    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    try:
        root: Any = yaml.compose(text)
    except yaml.YAMLError as error:
        raise ProjectFileError(f"{path.name} cannot be read: {error}") from None
    if root is not None and not isinstance(root, yaml.MappingNode):
        raise ProjectFileError(f"{path.name} holds no `name: value` pairs.")
    found = _value_of(root, KEY) if root is not None else None
    replaced = False
    if found is None:
        text = f"{text.rstrip()}\n\n{KEY}:\n{_item(entry, 0)}".lstrip("\n")
    elif not isinstance(found, yaml.SequenceNode) or found.flow_style or not found.value:
        entries: list[Any] = yaml.safe_load(text).get(KEY) or []
        items = "".join(_item(other, 0) for other in [*(e for e in entries if not _same(e, entry)), entry])
        replaced = any(_same(other, entry) for other in entries)
        text = f"{text[: found.start_mark.index].rstrip()}\n{items}{text[found.end_mark.index :].lstrip(chr(10))}"
    else:
        text, replaced = _in_sequence(text, found, entry)
    path.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    return replaced


def dump(value: Any) -> str:
    """Return a value as YAML, in the order of its members."""
    import yaml

    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=False, width=120)


def _in_sequence(text: str, sequence: Any, entry: JsonObject) -> tuple[str, bool]:
    indent = sequence.start_mark.column
    for node in sequence.value:
        if _same(_plain(node), entry):
            start = text.rindex("-", 0, node.start_mark.index) - indent
            end = _end(text, node)
            return text[:start] + _item(entry, indent) + text[end:], True
    end = _end(text, sequence.value[-1])
    before = text[:end] if text[:end].endswith("\n") else f"{text[:end]}\n"
    return before + _item(entry, indent) + text[end:], False


def _end(text: str, node: Any) -> int:
    """Return where a block ends: before the empty lines and comments that follow it, after its last line."""
    block = text[node.start_mark.index : node.end_mark.index]
    kept = re.sub(r"(?:\n[ \t]*(?:#[^\n]*)?)+\Z", "", block)
    end = node.start_mark.index + len(kept)
    return end + 1 if text[end : end + 1] == "\n" else end


def _item(entry: JsonObject, indent: int) -> str:
    return "".join(
        f"{' ' * indent}{line}" if line.strip() else line for line in dump([entry]).splitlines(keepends=True)
    )


def _value_of(mapping: Any, key: str) -> Any:
    return next((value for name, value in mapping.value if name.value == key), None)


def _plain(node: Any) -> JsonObject:
    """Return name and entrypoint of an item, also where they are written by an anchor."""
    pairs = {name.value: value.value for name, value in node.value if isinstance(value.value, str)}
    return {name: pairs.get(name) for name in ("name", "entrypoint")}


def _same(item: JsonObject, entry: JsonObject) -> bool:
    return item.get("name") == entry.get("name") and item.get("entrypoint") == entry.get("entrypoint")
