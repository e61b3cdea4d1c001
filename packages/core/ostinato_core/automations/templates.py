"""Checking the templates that actions hold, before an automation is stored (behaviour.md, section 19.2)."""

import json
from collections.abc import Sequence
from typing import Final

from ostinato_core.automations.errors import ActionInvalid
from ostinato_core.parameters.errors import TemplateInvalid
from ostinato_core.parameters.hydration import KIND
from ostinato_core.parameters.shapes import is_array, is_object
from ostinato_core.parameters.templates import validate_template
from ostinato_wire.actions import Action, CallWebhook, Notice, RunDeployment
from ostinato_wire.base import Json

MAXIMUM_DEPTH: Final = 100
"""How deeply the parameters of an action may be nested."""


def check_templates(member: str, actions: Sequence[Action]) -> None:
    """Check all templates of the actions under `member`. Errors: ActionInvalid names the place."""
    for number, action in enumerate(actions):
        place = f"{member}[{number}]"
        match action:
            case Notice(subject=subject, body=body):
                _check_text(place, "subject", subject)
                _check_text(place, "body", body)
            case CallWebhook(payload=payload):
                _check_text(place, "payload", payload)
            case RunDeployment(parameters=dict(parameters)):
                for name, value in parameters.items():
                    _check_value(f"{place}.parameters.{name}", value, MAXIMUM_DEPTH)
            case _:
                pass


def _check_text(place: str, field: str, source: str) -> None:
    try:
        validate_template(source)
    except TemplateInvalid as error:
        raise ActionInvalid(place, f"'{field}' is not a valid template: {error.message}") from error


def _check_value(place: str, value: Json, depth: int) -> None:
    """Check a parameter: texts are templates if they look like ones, and so are the placeholders for such."""
    if depth == 0:
        raise ActionInvalid(place, "The value is nested too deeply.")
    if isinstance(value, str):
        if "{{" in value or "{%" in value:
            _check_jinja(place, value)
    elif is_array(value):
        for number, each in enumerate(value):
            _check_value(f"{place}[{number}]", each, depth - 1)
    elif is_object(value):
        if value.get(KIND) == "jinja" and isinstance(template := value.get("template"), str):
            _check_jinja(place, template)
        elif value.get(KIND) == "json" and isinstance(text := value.get("value"), str):
            _check_json(place, text)
        else:
            for name, each in value.items():
                _check_value(f"{place}.{name}", each, depth - 1)


def _check_jinja(place: str, source: str) -> None:
    try:
        validate_template(source)
    except TemplateInvalid as error:
        raise ActionInvalid(place, f"Invalid jinja: {error.message}") from error


def _check_json(place: str, text: str) -> None:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ActionInvalid(place, f"Invalid JSON: {error}") from error
