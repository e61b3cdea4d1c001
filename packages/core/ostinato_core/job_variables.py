"""Job variables: what a deployment and a run fill into the base job template of their work pool (section 13.6).

The values are the template's defaults, overlaid with the deployment's and then with the run's.
"""

from collections.abc import Collection, Iterator
from uuid import UUID

from ostinato_core.errors import NotFound
from ostinato_core.parameters.errors import InvalidSchema, ParametersInvalid
from ostinato_core.parameters.shapes import is_array, is_object
from ostinato_core.parameters.validation import validate_parameters
from ostinato_wire.base import Json, JsonObject


class JobVariablesInvalid(Exception):
    """Job variables do not fit their template, or its variables are no schema; `message` says which and why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BlockNotFound(NotFound):
    """A default of a template refers to a block document that does not exist."""

    def __init__(self) -> None:
        super().__init__("Block not found.")


def blocks_of(template: JsonObject) -> set[UUID]:
    """Return the ids of the block documents that defaults of a template refer to."""
    found = {block_of(default) for _, default, _ in defaults_of(template)}
    return {block_id for block_id in found if block_id is not None}


def check_job_variables(
    template: JsonObject, *layers: JsonObject, ignore_required: bool = False, blocks: Collection[UUID] = ()
) -> None:
    """Check variables against a template; later layers go before earlier ones. A template without variables fits all.

    What is required is not asked for where `ignore_required` says so, nor where a default is dropped because it does
    not fit its own property. A default that refers to a block document, one of `blocks`, is taken to fit: its data may
    be secret, and are opened by nobody but the worker. Errors: JobVariablesInvalid; BlockNotFound for another block.
    """
    schema = template.get("variables")
    if not is_object(schema) or not schema:
        return
    values, referring, dropped = _default_values(template, blocks)
    for layer in layers:
        values = values | layer
    required = schema.get("required")
    if referring and is_array(required):
        schema = {**schema, "required": [name for name in required if name not in referring]}
    try:
        validate_parameters(values, schema, ignore_required=ignore_required or dropped)
    except InvalidSchema as error:
        raise JobVariablesInvalid(f"Invalid schema: {error.why}") from error
    except ParametersInvalid as error:
        raise JobVariablesInvalid(error.message) from error


def _default_values(template: JsonObject, blocks: Collection[UUID]) -> tuple[JsonObject, set[str], bool]:
    """Return the defaults that fit, the names of those that refer to blocks, and whether one does not fit."""
    values: JsonObject = {}
    referring: set[str] = set()
    dropped = False
    for name, default, schema in defaults_of(template):
        block_id = block_of(default)
        if block_id is not None:
            if block_id not in blocks:
                raise BlockNotFound
            referring.add(name)
        elif _fits(default, schema, template):
            values[name] = default
        else:
            dropped = True
    return values, referring, dropped


def _fits(value: Json, schema: JsonObject, template: JsonObject) -> bool:
    definitions = {key: part for key, part in template["variables"].items() if key in ("$defs", "definitions")}
    alone: JsonObject = {"type": "object", "properties": {"value": schema}, **definitions}
    try:
        validate_parameters({"value": value}, alone, allow_none_with_default=True)
    except ParametersInvalid:
        return False
    except InvalidSchema as error:
        raise JobVariablesInvalid(f"Invalid schema: {error.why}") from error
    return True


def defaults_of(template: JsonObject) -> Iterator[tuple[str, Json, JsonObject]]:
    """Yield name, default and schema of each variable that has a default."""
    schema = template.get("variables")
    properties = schema.get("properties") if is_object(schema) else None
    if is_object(properties):
        for name, part in properties.items():
            if is_object(part) and "default" in part:
                yield name, part["default"], part


def block_of(default: Json) -> UUID | None:
    """Return the id of the block document that a default refers to, if it does. Errors: BlockNotFound for no id."""
    reference = default.get("$ref") if is_object(default) else None
    text = reference.get("block_document_id") if is_object(reference) else None
    if not isinstance(text, str):
        return None
    try:
        return UUID(text)
    except ValueError:
        raise BlockNotFound from None
