"""The reference of settings: one table a group, from the classes that declare them."""

from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import SecretBytes, SecretStr
from pydantic_core import PydanticUndefined

from ostinato.settings.catalogue import Setting, all_settings, own_settings
from ostinato.settings.model import PREFIX
from ostinato.settings.values import to_text

_SHORT = {"api", "cli", "ui"}
_NAMED = {
    Path: "path",
    SecretStr: "secret",
    SecretBytes: "secret",
    NoneType: "none",
    str: "text",
    bool: "true/false",
    int: "integer",
    float: "number",
}


def pages() -> dict[str, str]:
    """Return the page's two parts by file name: settings of SDK and command line, settings of the server."""
    own = own_settings()
    contributed = [setting for name, setting in all_settings().items() if name not in own]
    return {
        "settings_sdk.md": _tables(own.values(), _sdk_group),
        "settings_server.md": _tables(sorted(contributed, key=_server_group), _server_group),
    }


def _sdk_group(setting: Setting) -> str:
    return setting.path[0] if len(setting.path) > 1 else ""


def _server_group(setting: Setting) -> str:
    words = setting.name.removeprefix(PREFIX).lower().split("_")
    if words[:1] == ["services"]:
        return "services"
    if words[:2] == ["api", "database"] or words[:2] == ["server", "database"]:
        return "database"
    return words[1] if words[0] == "server" else words[0]


def _tables(settings: Iterable[Setting], group: Callable[[Setting], str]) -> str:
    return "\n\n".join(f"### {_title(name)}\n\n{_table(found)}\n" for name, found in groupby(settings, key=group))


def _title(group: str) -> str:
    return group.upper() if group in _SHORT else (group.replace("_", " ") or "general").capitalize()


def _table(settings: Iterable[Setting]) -> str:
    rows = ["| setting | type | default | meaning |", "|---|---|---|---|"]
    for each in settings:
        meaning = [_cell(each.field.description or "")]
        older = [name for name in each.accepted[1:] if name.startswith(PREFIX)]
        if older:
            meaning.append("Also: " + ", ".join(f"`{name}`" for name in older) + ".")
        rows.append(
            f"| `{each.name}` | {_cell(_type(each.field.annotation))} | {_default(each)} | {' '.join(meaning)} |"
        )
    return "\n".join(rows)


def _default(setting: Setting) -> str:
    value = setting.default
    if value is None or value is PydanticUndefined or value in ([], {}, frozenset(), ""):
        return ""
    return f"`{_cell(to_text(value))}`"


def _type(annotation: Any) -> str:  # Any: annotations have no common type
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        return ", ".join(map(str, arguments))
    if origin in (Union, UnionType):
        return " or ".join(_type(item) for item in arguments if item is not NoneType)
    if origin in (list, set, frozenset):
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return "JSON object"
    return _NAMED.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<").replace("\n", " ")
