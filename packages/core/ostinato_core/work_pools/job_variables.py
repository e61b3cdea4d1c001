"""The defaults of a base job template's variables, checked against their own schema."""

from ostinato_core.parameters.errors import InvalidSchema, ParametersInvalid
from ostinato_core.parameters.shapes import is_object
from ostinato_core.parameters.validation import validate_parameters
from ostinato_core.work_pools.errors import JobVariablesInvalid
from ostinato_wire.base import Json, JsonObject


def check_defaults(template: JsonObject) -> None:
    """Check a template as the wire takes it. A default that refers to a block is taken as it is.

    Errors: JobVariablesInvalid.
    """
    variables = template.get("variables")
    if not is_object(variables):
        return
    try:
        validate_parameters(_defaults(variables), variables, ignore_required=True, allow_none_with_default=True)
    except InvalidSchema as error:
        raise JobVariablesInvalid(f"Invalid schema: {error.why}") from error
    except ParametersInvalid as error:
        raise JobVariablesInvalid(
            f"Validation failed for work pool's job variable defaults: {error.message}"
        ) from error


def _defaults(variables: JsonObject) -> JsonObject:
    properties = variables.get("properties")
    found: JsonObject = {}
    if is_object(properties):
        for name, schema in properties.items():
            if is_object(schema) and "default" in schema and not _is_reference(schema["default"]):
                found[name] = schema["default"]
    return found


def _is_reference(value: Json) -> bool:
    return is_object(value) and "$ref" in value
