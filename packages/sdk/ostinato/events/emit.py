"""`emit_event`: one event, checked, told of the run that it happened in, and queued."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from uuid_utils.compat import uuid7

from ostinato.events.outbox import to_json
from ostinato.events.schemas.events import Event, RelatedResource, Resource
from ostinato.events.worker import EventsWorker
from ostinato.exceptions import EventTooLarge
from ostinato.settings import get_current_settings
from ostinato_wire.events import MAXIMUM_RELATED_RESOURCES, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

logger = logging.getLogger("ostinato.events")

FOLLOWS_WITHIN = timedelta(minutes=5)
"""An event names its predecessor only if the two are closer than this."""


def emit_event(
    event: str,
    resource: Mapping[str, str],
    occurred: datetime | None = None,
    related: Sequence[Mapping[str, str]] | None = None,
    payload: Mapping[str, Any] | None = None,  # Any: JSON values
    id: UUID | None = None,  # the name of the reference's function
    follows: Event | None = None,
) -> Event | None:
    """Queue an event for the server and return it; None, with a warning in the log, if it cannot be one.

    `resource` needs the label `prefect.resource.id`, each of `related` also `prefect.resource.role`; the run that this
    is called in is added to `related`. `follows` counts only if it is less than five minutes away.
    Raises EventTooLarge for more than `server.events.maximum_size_bytes` bytes of JSON, and nothing else.
    """
    happened = occurred or datetime.now(UTC)
    try:
        made = Event(
            event=event,
            resource=Resource(dict(resource)),
            occurred=happened,
            related=[RelatedResource(labels) for labels in _with_run([dict(labels) for labels in related or ()])],
            payload=dict(payload or {}),
            id=id or uuid7(),
            follows=_predecessor(happened, follows),
        )
        worker = EventsWorker.instance()
    except (ValidationError, ValueError) as error:
        logger.warning("The event %r was not sent: %s", event, error)
        return None
    body = made.model_dump(mode="python")
    _check_size(body)
    worker.send(body)
    return made


def _predecessor(happened: datetime, follows: Event | None) -> UUID | None:
    if follows is None:
        return None
    if happened.tzinfo is None:
        happened = happened.replace(tzinfo=UTC)
    return follows.id if abs(happened - follows.occurred) < FOLLOWS_WITHIN else None


def _check_size(body: Mapping[str, Any]) -> None:
    maximum = get_current_settings().server.events.maximum_size_bytes
    frame = to_json(body)
    if frame is not None and len(frame) > maximum:
        raise EventTooLarge(len(frame), maximum)


def _with_run(related: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the related resources and, unless already there, the run around this call and what it belongs to."""
    known = {labels.get(RESOURCE_ID) for labels in related}
    added = [labels for labels in _run_resources() if labels[RESOURCE_ID] not in known]
    return (related + added)[:MAXIMUM_RELATED_RESOURCES]


def _run_resources() -> list[dict[str, str]]:
    from ostinato.context import FlowRunContext, TaskRunContext

    task, flow = TaskRunContext.get(), FlowRunContext.get()
    resources = list(flow.related) if flow else []
    if task is not None:
        run = task.task_run
        resources.insert(0, _resource("task-run", run.id, run.name))
        resources += [{RESOURCE_ID: f"prefect.tag.{tag}", RESOURCE_ROLE: "tag"} for tag in run.tags]
    unique = {labels[RESOURCE_ID]: labels for labels in reversed(resources)}
    return list(reversed(unique.values()))


def _resource(kind: str, id_: UUID, name: str) -> dict[str, str]:
    return {RESOURCE_ID: f"prefect.{kind}.{id_}", RESOURCE_ROLE: kind, RESOURCE_NAME: name}
