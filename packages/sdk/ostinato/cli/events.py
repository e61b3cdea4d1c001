"""`ostinato events`: listen to what happens on the server, and tell it of more."""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO, cast

import orjson
from uuid_utils.compat import uuid7

from ostinato.cli import output
from ostinato.cli.connection import server
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.cli.values import json_object, json_value
from ostinato.events.schemas.events import ReceivedEvent
from ostinato_wire.events import RESOURCE_ID, Event

app = new_app("Listen to events, and emit them.")


class Form(StrEnum):
    """How an event is printed."""

    JSON = "json"
    TEXT = "text"


@app.command()
def stream(
    form: Annotated[Form, option("--format", help="A line of JSON for each event, or of text.")] = Form.JSON,
    output_file: Annotated[
        Path | None, option("--output-file", dir_okay=False, help="Append to this file, and do not print.")
    ] = None,
    run_once: Annotated[bool, option("--run-once", help="End after the first event.")] = False,
) -> None:
    """Print the events of the last minute, then each event as it comes in, until Ctrl-C."""
    output.note("Subscribing to event stream...")
    if output_file is None:
        _stream(form, None, run_once)
        return
    try:
        with output_file.open("a", encoding="utf-8") as file:
            _stream(form, file, run_once)
    except OSError as error:
        output.fail(f"Cannot write to {output_file}: {error.strerror}.")


def _stream(form: Form, file: TextIO | None, run_once: bool) -> None:
    from ostinato.client.sockets import TRANSPORT_ERRORS, SocketAuthenticationFailed

    with server() as client:
        client.api_healthcheck()  # a server that is not there is told in one line, at once
        try:
            asyncio.run(_print_events(form, file, run_once))
        except SocketAuthenticationFailed as error:
            output.fail(str(error))
        except TRANSPORT_ERRORS as error:
            output.fail(f"The stream of events broke off: {error or type(error).__name__}.")


async def _print_events(form: Form, file: TextIO | None, run_once: bool) -> None:
    from ostinato.events.clients import get_events_subscriber

    async with get_events_subscriber(reconnect_on_clean_close=True) as events:
        async for event in events:
            line = _as_text(event) if form is Form.TEXT else event.model_dump_json()
            if file is None:
                output.say(line)
            else:
                file.write(line + "\n")
                file.flush()
            if run_once:
                return


def _as_text(event: ReceivedEvent) -> str:
    return f"{event.occurred:%Y-%m-%d %H:%M:%S.%f} {event.event} {event.resource[RESOURCE_ID]}"


@app.command()
def emit(
    event: Annotated[str, argument(help="Name of the event, as my-team.file.arrived.")],
    resource: Annotated[
        list[str] | None, option("-r", "--resource", help="Label as key=value, or labels as JSON; repeatable.")
    ] = None,
    resource_id: Annotated[str | None, option("--resource-id", help=f"The label {RESOURCE_ID}.")] = None,
    related: Annotated[str | None, option("--related", help="Related resources: a JSON list of labels.")] = None,
    payload: Annotated[str | None, option("-p", "--payload", help="A JSON object.")] = None,
) -> None:
    """Tell the server of an event."""
    labels = _labels(resource or [])
    if resource_id is not None:
        labels[RESOURCE_ID] = resource_id
    if not labels.get(RESOURCE_ID):
        output.fail(f"An event needs a resource: give --resource-id, or --resource {RESOURCE_ID}=...")
    with output.checked():
        made = Event(
            id=uuid7(),
            occurred=datetime.now(UTC),
            event=event,
            resource=labels,
            related=_resources(related) if related else [],
            payload=json_object("--payload", payload) if payload else {},
        )
    with server() as client:
        client.create_events([made.model_dump(mode="json")])
    output.succeed(f"Successfully emitted event '{event}' with ID {made.id}")


def _resources(text: str) -> list[Any]:  # any JSON values
    value = json_value("--related", text)
    return cast("list[Any]", value) if isinstance(value, list) else [value]  # an array of JSON


def _labels(texts: list[str]) -> dict[str, str]:
    """Return the labels of `key=value` texts and JSON objects; other than of parameters their values are texts."""
    labels: dict[str, str] = {}
    for text in texts:
        if text.lstrip().startswith("{"):
            found = json_object("--resource", text)
            labels |= {name: value if isinstance(value, str) else _json(value) for name, value in found.items()}
            continue
        key, equals, value = text.partition("=")
        if not equals or not key:
            output.fail(f"--resource takes `key=value` or a JSON object, got {text!r}.")
        labels[key] = value
    return labels


def _json(value: Any) -> str:  # any JSON value
    return orjson.dumps(value).decode()
