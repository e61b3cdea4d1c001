"""The JSON Schema of a flow's parameters, by which servers check them and the UI draws a form."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, PydanticUndefinedAnnotation, PydanticUserError, create_model
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError
from pydantic.json_schema import GenerateJsonSchema

from ostinato.engine.validation import parameter_hints, serialize

if TYPE_CHECKING:
    from collections.abc import Callable

    from ostinato.engine.signatures import BoundSignature
    from ostinato_wire.base import JsonObject

# Any below: hints and defaults of users' functions.

_EMPTY = inspect.Parameter.empty
_UNUSABLE = (PydanticUserError, PydanticUndefinedAnnotation, PydanticSchemaGenerationError)
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)

_SPHINX = re.compile(r"^\s*:param\s+(?:[^:]*\s)?(\w+)\s*:\s*(.+)$")
_SECTION = re.compile(r"^(\s*)(Args|Arguments|Parameters):\s*$")
_ITEM = re.compile(r"^(\s+)\*{0,2}(\w+)(?:\s*\([^)]*\))?\s*:\s*(.*)$")


class _Schema(GenerateJsonSchema):
    """Draws what JSON cannot say as "anything", without a word."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - as the base class has it

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonObject:
        """Return the schema of any value."""
        return {}


def parameter_schema(function: Callable[..., Any], signature: BoundSignature) -> JsonObject:
    """Return the schema: an object whose `properties` have a title, a position, and a default where there is one."""
    hints, texts = parameter_hints(function), parameter_texts(inspect.getdoc(function) or "")
    fields = {
        name: (_usable(_hint(parameter, hints.get(name, Any))), _field(position, parameter, texts.get(name)))
        for position, (name, parameter) in enumerate(signature.signature.parameters.items())
    }
    schema = _model({f"p{i}": field for i, field in enumerate(fields.values())}).model_json_schema(
        by_alias=True, ref_template="#/definitions/{model}", schema_generator=_Schema
    )
    definitions = schema.pop("$defs", {})
    for name, parameter in signature.signature.parameters.items():
        schema["properties"][name].pop("default", None)
        value = serialize({name: parameter.default})[name]
        if parameter.default is not _EMPTY and value != f"<{type(parameter.default).__name__}>":
            schema["properties"][name]["default"] = value
    return {"title": "Parameters", "type": "object", "properties": {}, **schema, "definitions": definitions}


def _model(fields: dict[str, Any]) -> type[BaseModel]:
    model = create_model("Parameters", __config__=ConfigDict(arbitrary_types_allowed=True), **fields)
    model.model_rebuild()
    return model


def _field(position: int, parameter: inspect.Parameter, text: str | None) -> Any:
    required = parameter.default is _EMPTY and parameter.kind not in _VARIADIC
    default = ... if required else None
    name = parameter.name  # any name can be an alias; not every name can be a field
    return Field(default, alias=name, title=name, description=text, json_schema_extra={"position": position})


def _hint(parameter: inspect.Parameter, hint: Any) -> Any:
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        return list[hint]
    return dict[str, hint] if parameter.kind is inspect.Parameter.VAR_KEYWORD else hint


def _usable(hint: Any) -> Any:
    """Return the hint, or Any where no schema can be made of it."""
    try:
        model = create_model("Probe", __config__=ConfigDict(arbitrary_types_allowed=True), probe=(hint, None))
        model.model_json_schema(schema_generator=_Schema)
    except (*_UNUSABLE, PydanticInvalidForJsonSchema, TypeError, ValueError):
        return Any
    return hint


def parameter_texts(docstring: str) -> dict[str, str]:
    """Return what a docstring says of each parameter: by an `Args:` section, or by `:param name:` lines."""
    texts: dict[str, str] = {}
    indent: int | None = None
    last = ""
    level = 0
    for line in docstring.splitlines():
        if found := _SPHINX.match(line):
            texts[found[1]] = found[2].strip()
        elif found := _SECTION.match(line):
            indent, last = len(found[1]), ""
        elif indent is not None and line.strip() and len(line) - len(line.lstrip()) <= indent:
            indent = None
        elif indent is not None and (found := _ITEM.match(line)) and (not last or len(found[1]) <= level):
            last, level = str(found[2]), len(found[1])
            texts[last] = found[3].strip()
        elif indent is not None and last and line.strip():
            texts[last] = f"{texts[last]}\n{line.strip()}".strip()
    return texts
