"""From a client's bytes to events that can be stored."""

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ostinato_core.db.types import NotStorable, dumps
from ostinato_core.events.log import LogEntry
from ostinato_core.events.task_run_changes import TASK_RUN_PREFIX, TaskRunChange, is_task_run_change, task_run_change
from ostinato_core.liveness.heartbeats import Heartbeat, heartbeat_of
from ostinato_wire.events import MAXIMUM_SIZE_BYTES, RESOURCE_ID, Event

logger = logging.getLogger("ostinato.server.events")

# NUL cannot be stored by Postgres. An escaped backslash is passed over, so that a text that only looks so is kept.
_NUL = re.compile(rb"(\\\\)|\\u0000")


class NotJson(ValueError):
    """The bytes are not JSON."""


class InvalidEvent(ValueError):
    """The JSON is not an event; the message names the member and what is wrong with it."""


@dataclass(slots=True)
class ParsedEvent:
    """An event ready to be stored, what it says of a task run if it does, and its size in bytes.

    Of a heartbeat `beat` is stored, and the event only where an automation asks for it.
    """

    entry: LogEntry
    change: TaskRunChange | None
    size: int
    beat: Heartbeat | None = None


def parse(frame: bytes, maximum_size: int = MAXIMUM_SIZE_BYTES) -> ParsedEvent:
    """Return the event of one frame. Errors: NotJson; InvalidEvent, also where it exceeds `maximum_size` bytes."""
    if len(frame) > maximum_size:
        raise InvalidEvent(f"An event may have {maximum_size} bytes at most, this has {len(frame)}")
    try:
        # pydantic's own JSON parser costs 10 microseconds an event, and its verdict is the wire's by construction.
        event = Event.model_validate_json(without_nul(frame))
    except ValidationError as error:
        raise _invalid(error, frame) from None
    except OverflowError:
        raise InvalidEvent("occurred: the time is out of range") from None
    return prepare(event, len(frame))


def without_nul(text: bytes) -> bytes:
    """Return JSON text without the characters NUL in its strings."""
    return _NUL.sub(rb"\1", text) if b"\\u0000" in text else text


def prepare(event: Event, size: int) -> ParsedEvent:
    """Return an event ready to be stored. Errors: InvalidEvent where a value cannot be."""
    entry = LogEntry(
        id=event.id,
        occurred=event.occurred,
        event=event.event.replace("\x00", ""),
        resource_id=event.resource[RESOURCE_ID].replace("\x00", ""),
        resource=dumps(event.resource),
        related=dumps(event.related),
        payload=_dumps(event.payload),
        follows=event.follows,
    )
    change = None
    if is_task_run_change(event):
        try:
            change = task_run_change(event)
        except (ValueError, TypeError, OverflowError) as error:
            run = {"task_run_id": entry.resource_id.removeprefix(TASK_RUN_PREFIX)}
            logger.warning("Event %s is stored, but its task run cannot be recorded: %s", event.id, error, extra=run)
    return ParsedEvent(entry, change, size, heartbeat_of(event))


def prepare_all(events: Sequence[Event]) -> list[ParsedEvent]:
    """Return events of a request ready to be stored. Errors: InvalidEvent where a value cannot be."""
    return [prepare(event, 0) for event in events]


def _dumps(value: Any) -> str:  # Any: any JSON value
    try:
        return dumps(value)
    except (NotStorable, TypeError):
        pass  # An integer of more than 64 bits, or very deep nesting: the standard library takes both.
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (ValueError, RecursionError) as error:
        raise InvalidEvent(f"payload: {error}") from None


def _invalid(error: ValidationError, frame: bytes) -> NotJson | InvalidEvent:
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        try:
            # Lone surrogates and deep nesting are JSON by its grammar, though no event can be made of them.
            json.loads(frame)
        except RecursionError:
            pass
        except ValueError:
            return NotJson(first["msg"])
    return InvalidEvent(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
