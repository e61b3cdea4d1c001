"""The event that tells of a flow run's new state, `prefect.flow-run.<state name>`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

from ostinato_core.events.new_event import NewEvent
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import FlowRunFacts
from ostinato_wire.events import MAXIMUM_RELATED_RESOURCES, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE
from ostinato_wire.states import StateType

MAXIMUM_MESSAGE_LENGTH = 100_000
"""Characters of a state's message that an event carries."""

FOLLOWS_WITHIN = timedelta(minutes=5)
"""A state that comes later than this is not said to follow the one before."""

_CREATORS = {"AUTOMATION": "automation", "DEPLOYMENT": "deployment"}

Labels: TypeAlias = dict[str, str]


@dataclass(slots=True, kw_only=True)
class RelatedObjects:
    """The objects around a flow run, as (id, name); those that it does not have are None.

    `tags` are those of the run, its flow, its deployment and its parent task run, in any order.
    """

    flow: tuple[UUID, str] | None = None
    deployment: tuple[UUID, str] | None = None
    work_queue: tuple[UUID, str] | None = None
    work_pool: tuple[UUID, str] | None = None
    work_pool_type: str | None = None
    parent_task_run: tuple[UUID, str] | None = None
    tags: Iterable[str] = field(default_factory=tuple[str, ...])
    created_by: tuple[str | None, UUID | None, str | None] | None = None
    """Type, id and display value of what made the run; only AUTOMATION and DEPLOYMENT are told."""


def related_resources(objects: RelatedObjects) -> list[Labels]:
    """Return the related resources of a flow run's events in their order, at most as many as an event may have."""
    related = [
        _resource(kind, role, *found)
        for kind, role, found in (
            ("flow", "flow", objects.flow),
            ("deployment", "deployment", objects.deployment),
            ("work-queue", "work-queue", objects.work_queue),
            ("work-pool", "work-pool", objects.work_pool),
            ("task-run", "task-run", objects.parent_task_run),
        )
        if found
    ]
    if objects.work_pool and objects.work_pool_type:
        next(labels for labels in related if labels[RESOURCE_ROLE] == "work-pool")["prefect.work-pool.type"] = (
            objects.work_pool_type
        )
    tags = sorted(set(objects.tags))
    creator = _creator(objects)
    room = MAXIMUM_RELATED_RESOURCES - len(related) - len(creator)
    related += [{RESOURCE_ID: f"prefect.tag.{tag}", RESOURCE_ROLE: "tag"} for tag in tags[:room]]
    return related + creator


def _resource(kind: str, role: str, id_: UUID, name: str) -> Labels:
    return {RESOURCE_ID: f"prefect.{kind}.{id_}", RESOURCE_ROLE: role, RESOURCE_NAME: name}


def _creator(objects: RelatedObjects) -> list[Labels]:
    type_, id_, name = objects.created_by or (None, None, None)
    kind = _CREATORS.get(type_ or "")
    return [_resource(kind, "creator", id_, name or "")] if kind and id_ else []


def state_event(run: FlowRunFacts, initial: RunState | None, validated: RunState, related: list[Labels]) -> NewEvent:
    """Return the event; `run` has the columns as they are written with `validated`."""
    follows = initial is not None and abs(validated.timestamp - initial.timestamp) < FOLLOWS_WITHIN
    return {
        "id": validated.id,
        "occurred": validated.timestamp,
        "event": f"prefect.flow-run.{validated.name}",
        "resource": {
            RESOURCE_ID: f"prefect.flow-run.{run.id}",
            RESOURCE_NAME: run.name,
            "prefect.run-count": str(run.run_count),
            "prefect.state-message": (validated.message or "")[:MAXIMUM_MESSAGE_LENGTH],
            "prefect.state-name": validated.name,
            "prefect.state-timestamp": validated.timestamp.isoformat(),
            "prefect.state-type": validated.type.value,
        },
        "related": related,
        "payload": {
            "intended": {"from": initial.type.value if initial else None, "to": validated.type.value},
            "initial_state": _state_payload(initial) if initial else None,
            "validated_state": _state_payload(validated),
        },
        "follows": initial.id if initial and follows else None,
    }


def _state_payload(state: RunState) -> dict[str, str]:
    payload = {"type": state.type.value, "name": state.name}
    if state.message:
        payload["message"] = state.message[:MAXIMUM_MESSAGE_LENGTH]
    if state.type is StateType.PAUSED:
        payload["pause_reschedule"] = "true" if state.details.get("pause_reschedule") else "false"
    return payload
