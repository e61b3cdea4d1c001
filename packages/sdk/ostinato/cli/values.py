"""Values on the command line: `key=value` with JSON where it parses, whole JSON objects, files of JSON."""

import sys
from collections.abc import Iterable
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


def json_object(option: str, text: str) -> dict[str, Any]:
    """Return a JSON object; `-` reads it from stdin. Ends the command for anything else."""
    try:
        value: Any = orjson.loads(sys.stdin.read() if text == "-" else text)
    except orjson.JSONDecodeError as error:
        output.fail(f"{option} takes a JSON object: {error}.")
    if not isinstance(value, dict):
        output.fail(f"{option} takes a JSON object.")
    return value  # pyright: ignore[reportUnknownVariableType] - a JSON object
