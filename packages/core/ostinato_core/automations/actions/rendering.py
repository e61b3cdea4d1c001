"""Rendering what an action has of templates. Pure, given the names that they may look at."""

from collections.abc import Iterator
from typing import Final

import orjson

from ostinato_core.automations.actions.context import Names
from ostinato_core.automations.actions.errors import ActionFailed, not_rendered
from ostinato_core.parameters.errors import HydrationError, TemplateInvalid
from ostinato_core.parameters.hydration import KIND, HydrationContext, hydrate
from ostinato_core.parameters.shapes import is_array, is_object
from ostinato_core.parameters.templates import render_template, whole_expression
from ostinato_wire.base import Json, JsonObject

_NOT_MADE: Final = "Unable to create flow run from deployment"


def render(source: str, names: Names) -> str:
    """Return the text that a template makes. Errors: ActionFailed."""
    try:
        return render_template(source, names)
    except TemplateInvalid as error:
        raise not_rendered(source, error) from error


def render_parameters(parameters: JsonObject, variables: JsonObject, names: Names) -> JsonObject:
    """Return the parameters of a run with all templates and references filled in. Errors: ActionFailed.

    What a template makes is taken as it is, whatever an event has put into it.
    """
    try:
        rendered = hydrate(as_templates(parameters), HydrationContext(variables=variables, names=names))
    except HydrationError as error:
        raise ActionFailed(f"{_NOT_MADE}: {error.message}") from error
    return {name: _settled(value) for name, value in rendered.items()} if is_object(rendered) else {}


def as_templates(value: Json) -> Json:
    """Return a value whose texts with templates are marked as such; one that is only an expression keeps its type."""
    if isinstance(value, str):
        return _as_template(value)
    if is_array(value):
        return [as_templates(each) for each in value]
    if is_object(value):
        if KIND in value:
            return value
        return {name: as_templates(each) for name, each in value.items()}
    return value


def templates_in(value: Json) -> Iterator[str]:
    """Yield all texts within a value that have a template."""
    waiting: list[Json] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            if _looks_like_template(part):
                yield part
        elif is_object(part):
            waiting.extend(part.values())
        elif is_array(part):
            waiting.extend(part)


def _as_template(text: str) -> Json:
    if not _looks_like_template(text):
        return text
    expression = whole_expression(text)
    if expression is None:
        return {KIND: "jinja", "template": text}
    return {KIND: "json", "value": {KIND: "jinja", "template": f"{{{{ ({expression}) | tojson }}}}"}}


def _looks_like_template(text: str) -> bool:
    return "{{" in text or "{%" in text


def _settled(value: Json) -> Json:
    """Return a value that hydration leaves as it is: an event may hold what looks like a reference to a variable."""
    text = orjson.dumps(value).decode()
    return {KIND: "json", "value": text} if KIND in text else value
