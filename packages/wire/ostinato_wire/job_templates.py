"""Base job templates: what a work pool makes an infrastructure job of, and the variables that it leaves open."""

import re
from collections.abc import Iterator
from typing import Annotated, TypeAlias, TypeGuard

from pydantic import AfterValidator

from ostinato_wire.base import Json, JsonObject

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.\-\[\]$]+)\s*\}\}")


def _is_object(value: Json) -> TypeGuard[JsonObject]:
    return isinstance(value, dict)


def _checked(template: JsonObject) -> JsonObject:
    """Return the template. Errors: ValueError where a part is missing or a placeholder is declared nowhere."""
    if not template:
        return template
    configuration, variables = template.get("job_configuration"), template.get("variables")
    if not configuration or not variables:
        raise ValueError("The `base_job_template` must contain both a `job_configuration` key and a `variables` key.")
    if not _is_object(configuration) or not _is_object(variables):
        raise ValueError("The `job_configuration` and `variables` of the `base_job_template` must be objects.")
    declared = variables.get("properties")
    known = set(declared) if _is_object(declared) else set[str]()
    unknown = [name for name in dict.fromkeys(_placeholders(configuration)) if name not in known]
    if unknown:
        raise ValueError(
            "The variables specified in the job configuration template must be present as properties in the variables "
            f"schema. Your job configuration uses the following undeclared variable(s): {' ,'.join(unknown)}."
        )
    return template


def _placeholders(value: Json) -> Iterator[str]:
    waiting: list[Json] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield from _PLACEHOLDER.findall(part)
        elif _is_object(part):
            waiting.extend(reversed(part.values()))
        elif isinstance(part, list):
            waiting.extend(reversed(part))  # pyright: ignore  # a JSON array, whose members are of any type


BaseJobTemplate: TypeAlias = Annotated[JsonObject, AfterValidator(_checked)]
"""Empty, or with `job_configuration`, whose texts hold `{{ name }}`, and `variables`, a JSON Schema of these names."""
