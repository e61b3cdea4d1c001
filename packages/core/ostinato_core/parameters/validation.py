"""Validation of parameters: JSON Schema 2020-12, prepared as the wire has it (behaviour.md, section 13.5)."""

import re
from collections.abc import Iterable
from typing import Final

from jsonschema import Draft202012Validator, exceptions
from jsonschema.exceptions import SchemaError, UndefinedTypeCheck, UnknownType, ValidationError
from referencing.exceptions import CannotDetermineSpecification, Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY

from ostinato_core.parameters.errors import CircularSchema, InvalidSchema, ParametersInvalid
from ostinato_core.parameters.preparation import prepare_schema
from ostinato_core.parameters.shapes import is_object
from ostinato_wire.base import Json

_BROKEN_PARTS: Final = (
    AttributeError,
    CannotDetermineSpecification,
    LookupError,
    TypeError,
    UndefinedTypeCheck,
    UnknownType,
    ValueError,
    re.error,
)
"""What a part that no keyword announces as a schema may raise once something refers to it."""


def validate_parameters(
    parameters: Json, schema: Json, *, ignore_required: bool = False, allow_none_with_default: bool = False
) -> None:
    """Check parameters against a schema; nothing is ever fetched for it.

    Errors: ParametersInvalid names the field and the most telling failure; InvalidSchema for a schema that is none,
    CircularSchema for one that refers to itself without end.
    """
    try:
        error = _first_error(parameters, schema, ignore_required, allow_none_with_default)
    except RecursionError as endless:
        raise CircularSchema from endless
    except Unresolvable as reference:
        raise ParametersInvalid(f"Validation failed. Failure reason: {reference}") from reference
    if error is not None:
        raise ParametersInvalid(_told(error))


def all_errors(values: Json, schema: Json) -> list[ValidationError]:
    """Return all errors of values, in the order of the schema.

    Errors: InvalidSchema; CircularSchema; ParametersInvalid for a schema that refers to what is not there.
    """
    validate_schema(schema)
    validator = Draft202012Validator(prepare_schema(schema), registry=EMPTY_REGISTRY)
    try:
        return list(validator.iter_errors(values))  # pyright: ignore  # half typed
    except RecursionError as endless:
        raise CircularSchema from endless
    except Unresolvable as reference:
        raise ParametersInvalid(f"Validation failed. Failure reason: {reference}") from reference
    except _BROKEN_PARTS as error:
        raise InvalidSchema(str(error)) from error


def validate_schema(schema: Json) -> None:
    """Check that a schema is a valid JSON Schema 2020-12. Errors: InvalidSchema, CircularSchema."""
    if not is_object(schema):
        raise InvalidSchema(f"{schema!r} is not of type 'object'")
    try:
        Draft202012Validator.check_schema(prepare_schema(schema))
    except SchemaError as error:
        raise InvalidSchema(error.message) from error
    except RecursionError as endless:
        raise CircularSchema from endless


def _first_error(
    parameters: Json, schema: Json, ignore_required: bool, allow_none_with_default: bool
) -> ValidationError | None:
    validate_schema(schema)
    prepared = prepare_schema(schema, ignore_required=ignore_required, allow_none_with_default=allow_none_with_default)
    validator = Draft202012Validator(prepared, registry=EMPTY_REGISTRY)
    try:
        found: Iterable[ValidationError] = validator.iter_errors(parameters)  # pyright: ignore  # half typed
        return exceptions.best_match(found)  # pyright: ignore  # the library does not say what it returns
    except Unresolvable:
        raise
    except _BROKEN_PARTS as error:
        raise InvalidSchema(str(error)) from error


def _told(error: ValidationError) -> str:
    field = error.json_path.removeprefix("$").removeprefix(".")
    where = f" for field {field!r}" if field else ""
    return f"Validation failed{where}. Failure reason: {error.message}"
