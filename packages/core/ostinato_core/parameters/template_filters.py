"""Filters of templates: links to the page of what an event tells of (behaviour.md, section 20), and CloudEvents."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from ostinato_core.parameters.cloud_events import from_cloud_event
from ostinato_core.settings import server_settings

_RESOURCE_ID: Final = "prefect.resource.id"
_PAGES: Final = {
    "automation": "automations/automation",
    "block-document": "blocks/block",
    "concurrency-limit": "concurrency-limits/concurrency-limit",
    "deployment": "deployments/deployment",
    "flow": "flows/flow",
    "flow-run": "runs/flow-run",
    "task-run": "runs/task-run",
    "work-queue": "work-queues/work-queue",
}
"""Pages of objects by the kind that their resource id names."""
_FLOW_RUN: Final = re.compile(r"flow-run/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")


def ui_url(value: Any) -> str:  # Any: whatever a template may look at
    """Return the address of the page of an event, a resource or a resource id; empty where there is no page."""
    if isinstance(value, Mapping) and "occurred" in value and "id" in value:
        day = str(value["occurred"])[:10]  # pyright: ignore[reportUnknownArgumentType]  # of any type
        return f"{_base()}/events/event/{day}/{value['id']}"
    kind, _, id_ = _resource_id(value).removeprefix("prefect.").partition(".")
    return f"{_base()}/{_PAGES[kind]}/{quote(id_, safe='')}" if kind in _PAGES and id_ else ""


def ui_resource_events_url(value: Any) -> str:  # Any: as above
    """Return the address of the page of a resource's events; empty where the value names no resource."""
    resource_id = _resource_id(value)
    return f"{_base()}/events?resource={quote(resource_id, safe='')}" if resource_id else ""


def flow_run_id(value: Any) -> str:  # Any: as above
    """Return the id of the first `flow-run/<id>` in a text; empty where there is none."""
    found = _FLOW_RUN.search(str(value))
    return found[1] if found else ""


FILTERS: Final[dict[str, Callable[..., str]]] = {
    "ui_url": ui_url,
    "ui_resource_events_url": ui_resource_events_url,
    "flow_run_id": flow_run_id,
    "from_cloud_event": from_cloud_event,
}


def _resource_id(value: Any) -> str:  # Any: as above
    """Return the resource id of a text, of labels, of an event's resource, or of an object that knows its own."""
    own = getattr(value, "resource_id", None)
    if isinstance(own, str):
        return own
    if isinstance(value, Mapping):
        members: Mapping[str, Any] = value  # pyright: ignore[reportUnknownVariableType]  # Any: as above
        inner = members.get("resource", members)
        named = inner.get(_RESOURCE_ID) if isinstance(inner, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return named if isinstance(named, str) else ""
    return value if isinstance(value, str) and value.startswith("prefect.") else ""


def _base() -> str:
    settings = server_settings()
    return (settings.ui_url or f"http://{settings.api_host}:{settings.api_port}").rstrip("/")
