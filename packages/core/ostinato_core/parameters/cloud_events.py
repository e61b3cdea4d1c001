"""The template filter `from_cloud_event`: a CloudEvent that came over HTTP, in either mode, as the JSON of an event.

As CloudEvents 1.0 and its HTTP binding have it: https://github.com/cloudevents/spec. Batches are not one event.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson

from ostinato_core.parameters.shapes import is_object

_PREFIX: Final = "ce-"
_REQUIRED: Final = ("id", "source", "specversion", "type")
_STRUCTURED: Final = "application/cloudevents"


def from_cloud_event(body: Any, headers: Mapping[str, str]) -> str:  # Any: any JSON value
    """Return the event as JSON: its type, its time, its subject (else its source) as the resource, and its data.

    Errors: ValueError where the request holds no CloudEvent.
    """
    attributes, data = _structured(body) if _is_structured(body, headers) else (_from_headers(headers), {"data": body})
    missing = [name for name in _REQUIRED if not attributes.get(name)]
    if missing:
        raise ValueError(f"The request is no CloudEvent: it lacks {', '.join(missing)}")
    event: dict[str, Any] = {  # Any: JSON
        "id": _id(attributes["source"], attributes["id"]),
        "event": attributes["type"],
        "resource": {
            "prefect.resource.id": attributes.get("subject") or attributes["source"],
            **{f"cloudevents.{name}": value for name, value in attributes.items()},
        },
        "payload": data,
    }
    if "time" in attributes:
        event["occurred"] = attributes["time"]
    return orjson.dumps(event).decode()


def _is_structured(body: Any, headers: Mapping[str, str]) -> bool:  # Any: as above
    if headers.get("content-type", "").strip().lower().startswith(_STRUCTURED):
        return True
    return is_object(body) and all(name in body for name in _REQUIRED)


def _structured(body: Any) -> tuple[dict[str, str], dict[str, Any]]:  # Any: as above
    if not is_object(body):
        raise ValueError("The body is not one CloudEvent as JSON")
    data = {name: body[name] for name in ("data", "data_base64") if name in body}
    return {name: _text(value) for name, value in body.items() if name not in data and value is not None}, data


def _from_headers(headers: Mapping[str, str]) -> dict[str, str]:
    found = {name.lower(): value for name, value in headers.items()}
    attributes = {
        name.removeprefix(_PREFIX): unquote(value) for name, value in found.items() if name.startswith(_PREFIX)
    }
    if "content-type" in found:
        attributes["datacontenttype"] = found["content-type"]
    return attributes


def _text(value: Any) -> str:  # Any: as above
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _id(source: str, id_: str) -> str:
    """Return the id of the event: a CloudEvent sent twice has the same source and id, and so is stored once."""
    try:
        return str(UUID(id_))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"{source}#{id_}"))
