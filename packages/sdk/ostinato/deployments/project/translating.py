"""A `prefect.yaml` as an `ostinato.yaml`: names of steps and versions change, comments, anchors and order stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ostinato.deployments.project.file import ACTIONS, ProjectFileError, as_object
from ostinato.deployments.project.saving import dump
from ostinato.deployments.steps.equivalents import equivalent, own_name, stock_name

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject

# Any below: nodes of the package `yaml`, whose types are loose.

_THEIR_FOLDER, _OUR_FOLDER = "/opt/prefect/", "/opt/ostinato/"
_THEIR_IMAGE = "prefecthq/"


@dataclass
class Translation:
    """The new text, and what a person should look at, each with the line of the old file."""

    text: str
    changed: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


def translate(text: str, folder: Path) -> Translation:
    """Translate the text of a `prefect.yaml`; `folder` is where its entrypoints are. Raises ProjectFileError."""
    import yaml

    try:
        root: Any = yaml.compose(text)
        content: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ProjectFileError(f"The project file cannot be read: {error}") from None
    if not isinstance(root, yaml.MappingNode):
        raise ProjectFileError("The project file holds no `name: value` pairs.")
    made = Translation(text)
    edits = {edit.start: edit for edit in _edits(root, made, text)}  # what an anchor shares is met more than once
    for edit in sorted(edits.values(), key=lambda edit: edit.start, reverse=True):
        made.text = made.text[: edit.start] + edit.text + made.text[edit.end :]
    made.changed, made.notes = list(dict.fromkeys(made.changed)), list(dict.fromkeys(made.notes))
    made.notes += _notes_on_flows(content, folder)
    return made


def _edits(root: Any, made: Translation, text: str) -> Iterator[_Edit]:
    import yaml

    for key, value in root.value:
        if key.value == "prefect-version":
            yield _Edit(key.start_mark.index, key.end_mark.index, "ostinato-version")
            yield _Edit(value.start_mark.index, value.end_mark.index, version("ostinato"))
        elif key.value in ACTIONS:
            yield from _steps(value, made, text)
        elif key.value == "deployments" and isinstance(value, yaml.SequenceNode):
            for entry in value.value:
                yield from _deployment(entry, made, text)


def _deployment(entry: Any, made: Translation, text: str) -> Iterator[_Edit]:
    for key, value in _members(entry):
        if key.value in ACTIONS:
            yield from _steps(value, made, text)
        elif key.value == "work_pool":
            for name, variables in _members(value):
                if name.value == "job_variables":
                    _check_image(variables, made)


def _members(node: Any) -> list[Any]:
    """Return the pairs of a mapping, those that it merges in too."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return []
    pairs: list[Any] = []
    for key, value in node.value:
        pairs += _members(value) if key.value == "<<" else [(key, value)]
    return pairs


def _check_image(variables: Any, made: Translation) -> None:
    for key, value in _members(variables):
        if key.value == "image" and isinstance(value.value, str) and value.value.startswith(_THEIR_IMAGE):
            made.notes.append(f"{_line(key)}: the image {value.value!r} does not hold Ostinato; choose one that does.")


def _steps(node: Any, made: Translation, text: str) -> Iterator[_Edit]:
    """Rename the steps in a list of them, or in one mapping."""
    import yaml

    if isinstance(node, yaml.SequenceNode):
        for step in node.value:
            yield from _steps(step, made, text)
        return
    for key, inputs in _members(node):
        yield from _step(key, inputs, made, text)


def _step(key: Any, inputs: Any, made: Translation, text: str) -> Iterator[_Edit]:
    name = str(key.value)
    if stock_name(name) is not None:
        yield from _renamed(key, own_name(name), made)
        yield from _inputs(inputs, text)
        return
    given: JsonObject = _constructed(inputs)
    ours = equivalent(name, given)
    if ours is None:
        package = name.partition(".")[0]
        made.notes.append(
            f"{_line(key)}: the step {name} stays as it is: it needs the package {package!r} where it runs."
        )
        return
    yield from _renamed(key, ours[0], made)
    indent = key.start_mark.column + 4
    block = "".join(f"{' ' * indent}{line}\n" for line in dump(ours[1]).splitlines())
    end = _end_of_block(inputs, text)
    yield _Edit(key.end_mark.index, end, f":\n{block.rstrip()}")


def _renamed(key: Any, name: str, made: Translation) -> Iterator[_Edit]:
    if name != key.value:
        made.changed.append(f"{key.value} -> {name}")
        yield _Edit(key.start_mark.index, key.end_mark.index, name)


def _inputs(inputs: Any, text: str) -> Iterator[_Edit]:
    """Let the folder of images follow the Dockerfile that we make for `dockerfile: auto`."""
    for _, value in _members(inputs):
        if isinstance(value.value, str) and value.value.startswith(_THEIR_FOLDER) and "dockerfile: auto" in text:
            yield _Edit(
                value.start_mark.index, value.end_mark.index, value.value.replace(_THEIR_FOLDER, _OUR_FOLDER, 1)
            )


def _constructed(node: Any) -> JsonObject:
    import yaml

    return as_object(yaml.safe_load(cast("Any", yaml).serialize(node)))


def _end_of_block(node: Any, text: str) -> int:
    """Return where the last line of a node ends, without the empty lines and comments that follow."""
    block = text[node.start_mark.index : node.end_mark.index].splitlines()
    while block and (not block[-1].strip() or block[-1].lstrip().startswith("#")):
        block.pop()
    return node.start_mark.index + len("\n".join(block))


def _notes_on_flows(content: JsonObject, folder: Path) -> list[str]:
    """Tell which files of flows still import the other package."""
    notes: list[str] = []
    for entry in cast("list[Any]", content.get("deployments") or []):
        path = str(as_object(entry).get("entrypoint") or "").rpartition(":")[0]
        file = folder / path
        if path and file.is_file() and _imports_prefect(file):
            notes.append(f"{path} imports prefect: change `from prefect import ...` to `from ostinato import ...`.")
    return list(dict.fromkeys(notes))


def _imports_prefect(file: Path) -> bool:
    import ast

    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError, OSError):
        return False
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return any(name.partition(".")[0] == "prefect" for name in names)


def _line(node: Any) -> str:
    return f"line {node.start_mark.line + 1}"
