"""Masking of secrets in a document's data, and putting them back where a client returns the mask.

A path names members by dots; lists on the way are looked through; `*` is everything below.
"""

from collections.abc import Iterable
from typing import Any, Final, cast

from ostinato_core.states.rows import JsonDict
from ostinato_wire.webhook_blocks import SLUG as WEBHOOK

MASK: Final = "********"
"""What stands for a secret, whatever it is."""

_ALL: Final = "*"
_SIGNING_SECRET: Final = ["signing_secret"]
_MISSING: Final = object()
_Json = Any  # Any: any JSON value


def secret_paths(fields: JsonDict) -> list[list[str]]:
    """Return the paths that a schema names in `secret_fields`, as parts; what is no text is none. With them those that
    the schema of another client may not know.
    """
    named = fields.get("secret_fields")
    own = [_SIGNING_SECRET] if fields.get("block_type_slug") == WEBHOOK else []
    if not isinstance(named, list):
        return own
    return [*(path.split(".") for path in cast(list[_Json], named) if isinstance(path, str)), *own]


def mask(data: JsonDict, paths: Iterable[list[str]]) -> JsonDict:
    """Return data in which the secrets at the paths are masked. Null stays null."""
    for path in paths:
        data = _mask(data, path)
    return data


def unmask(data: JsonDict, stored: JsonDict, paths: Iterable[list[str]]) -> JsonDict:
    """Return new data with what is stored wherever a secret is the mask."""
    for path in paths:
        data = _unmask(data, stored, path)
    return data


def _mask(value: _Json, path: list[str]) -> _Json:
    if value is None:
        return None
    if not path:
        return MASK
    if path[0] == _ALL:
        return _mask_all(value)
    if isinstance(value, list):
        return [_mask(member, path) for member in cast(list[_Json], value)]
    if not isinstance(value, dict) or path[0] not in value:
        return cast(_Json, value)
    members = cast(JsonDict, value)
    return {**members, path[0]: _mask(members[path[0]], path[1:])}


def _mask_all(value: _Json) -> _Json:
    if isinstance(value, dict):
        return {name: _mask_all(member) for name, member in cast(JsonDict, value).items()}
    return MASK


def _unmask(value: _Json, stored: _Json, path: list[str]) -> _Json:
    if not path or path[0] == _ALL:
        return _unmask_all(value, stored)
    if isinstance(value, list):
        members = cast(list[_Json], value)
        return [_unmask(member, _at(stored, place), path) for place, member in enumerate(members)]
    if not isinstance(value, dict) or path[0] not in value:
        return cast(_Json, value)
    members = cast(JsonDict, value)
    return {**members, path[0]: _unmask(members[path[0]], _at(stored, path[0]), path[1:])}


def _unmask_all(value: _Json, stored: _Json) -> _Json:
    if isinstance(value, dict):
        members = cast(JsonDict, value)
        return {name: _unmask_all(member, _at(stored, name)) for name, member in members.items()}
    return stored if value == MASK and stored is not _MISSING else value


def _at(stored: _Json, place: str | int) -> _Json:
    if isinstance(place, str) and isinstance(stored, dict):
        return cast(JsonDict, stored).get(place, _MISSING)
    if isinstance(place, int) and isinstance(stored, list):
        members = cast(list[_Json], stored)
        return members[place] if place < len(members) else _MISSING
    return _MISSING
