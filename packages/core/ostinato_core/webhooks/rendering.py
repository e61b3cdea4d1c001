"""From a request to an event: what the template of a webhook makes of it."""

from typing import Any, Final

import orjson

from ostinato_core.clock import utc_now
from ostinato_core.events.log import LogEntry
from ostinato_core.events.parsing import InvalidEvent, NotJson, parse
from ostinato_core.ids import new_id
from ostinato_core.parameters.errors import TemplateInvalid
from ostinato_core.parameters.shapes import is_array, is_object
from ostinato_core.parameters.templates import render_template
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.webhooks.errors import RequestRefused
from ostinato_core.webhooks.requests import HookRequest, as_text
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

RESOURCE_KIND: Final = "prefect-cloud.webhook"
"""What events call webhooks, as on the reference's Cloud."""


def resource_of(webhook: Row) -> dict[str, str]:
    """Return a webhook as the resource of an event."""
    return {RESOURCE_ID: f"{RESOURCE_KIND}.{webhook['id']}", RESOURCE_NAME: webhook["name"]}


def render(template: str, request: HookRequest, maximum_size: int) -> tuple[str, JsonDict]:
    """Return the text that a template renders of a request, and the event that this is, with its defaults.

    `maximum_size` in bytes of the text. Errors: RequestRefused, with the rendered text as far as there is one.
    """
    body, headers = request.body(), request.headers.shown()
    context = {"method": request.method, "headers": headers, "body": body}
    try:
        text = as_text(render_template(template, context, most=maximum_size))
    except TemplateInvalid as error:
        raise RequestRefused(error.message) from error
    event = _json(text)
    payload = {"method": request.method, "headers": dict(request.headers.recorded()), "body": body}
    return text, {"id": str(new_id()), "occurred": utc_now(), "payload": payload} | event


def entry_of(event: JsonDict, webhook: Row, rendered: str, maximum_size: int) -> LogEntry:
    """Return the event as the log takes it, with the webhook as a related resource. Errors: RequestRefused."""
    related: Any = event.get("related") or []  # Any: any JSON value
    if not is_array(related):
        raise RequestRefused("related: Input should be a valid list", rendered)
    own = {**resource_of(webhook), RESOURCE_ROLE: "webhook"}
    try:
        frame = orjson.dumps({**event, "related": [*related, own]})
        return parse(frame, maximum_size).entry
    except (InvalidEvent, NotJson, TypeError) as error:
        raise RequestRefused(f"The rendered JSON is not an event: {error}", rendered) from error


def _json(text: str) -> dict[str, Any]:  # Any: any JSON
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RequestRefused(f"The template does not render JSON: {error}", text) from None
    if not is_object(found):
        raise RequestRefused("The template does not render a JSON object.", text)
    return {name: value for name, value in found.items() if value is not None}
