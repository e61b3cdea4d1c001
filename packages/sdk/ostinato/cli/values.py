"""Values on the command line: `key=value` with JSON where it parses, whole JSON objects, files of JSON."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from ostinato.cli import output

# Any below: JSON values.


def pairs(option: str, texts: Iterable[str]) -> dict[str, Any]:
    """Return `key=value` texts as an object; a value that is no JSON is a text. Ends the command for other texts."""
    values: dict[str, Any] = {}
    for text in texts:
        if text.lstrip().startswith("{"):
            values |= json_object(option, text)
            continue
        key, equals, value = text.partition("=")
        if not equals or not key:
            output.fail(f"{option} takes `key=value`, got {text!r}.")
        values[key] = parsed(value)
    return values


def parsed(text: str) -> Any:
    """Return a text as JSON if it is JSON, else as it is."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def json_value(option: str, text: str) -> Any:
    """Return the JSON value of a text; `-` reads it from stdin. Ends the command for anything else."""
    try:
        return orjson.loads(sys.stdin.read() if text == "-" else text)
    except orjson.JSONDecodeError as error:
        output.fail(f"{option} takes JSON: {error}.")


def document_in(path: Path) -> Any:
    """Return what a `.json`, `.yaml` or `.yml` file says. Ends the command for anything else."""
    try:
        content = path.read_bytes()
    except OSError as error:
        output.fail(f"Cannot read {path}: {error.strerror}.")
    suffix = path.suffix.lower()
    if suffix == ".json":
        return json_value(str(path), content.decode(errors="replace"))
    if suffix not in (".yaml", ".yml"):
        output.fail(f"{path} must end in .yaml, .yml or .json.")
    return _yaml_value(path, content)


def _yaml_value(path: Path, content: bytes) -> Any:
    import yaml  # late: only files of this kind need it

    try:
        return yaml.safe_load(content)
    except yaml.YAMLError as error:
        output.fail(f"{path} is no YAML: {error}")


def json_object(option: str, text: str) -> dict[str, Any]:
    """Return a JSON object; `-` reads it from stdin. Ends the command for anything else."""
    value = json_value(option, text)
    if not isinstance(value, dict):
        output.fail(f"{option} takes a JSON object.")
    return value  # pyright: ignore[reportUnknownVariableType] - a JSON object
