"""On what an action acts: the object that it names, or the one that its event tells of (behaviour.md, 19.6)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from ostinato_core.automations.actions.errors import ActionFailed
from ostinato_core.states.rows import JsonDict
from ostinato_wire.actions import (
    CancelFlowRun,
    ChangeFlowRunState,
    DeleteFlowRun,
    ResumeFlowRun,
    Source,
    SuspendFlowRun,
    TargetedAction,
)
from ostinato_wire.events import RESOURCE_ID, RESOURCE_ROLE

Event = Mapping[str, Any]  # Any: the JSON of an event
OnFlowRun = CancelFlowRun | ChangeFlowRunState | DeleteFlowRun | ResumeFlowRun | SuspendFlowRun
FLOW_RUN: Final = "prefect.flow-run"


def target_of(action: TargetedAction, event: Event | None) -> UUID:
    """Return the id of the object on which an action acts. Errors: ActionFailed where the event tells of none."""
    if action.source is Source.SELECTED:
        selected: UUID = getattr(action, action.target)
        return selected
    noun = action.target.removesuffix("_id").replace("_", " ")
    if event is None:
        raise ActionFailed(f"No event to infer the {noun}")
    inferred = first_of_kind(event, kind_of(action))
    if inferred is None:
        raise ActionFailed(f"No {noun} could be inferred")
    return inferred


def flow_run_of(labels: Mapping[str, str], event: Event | None) -> UUID:
    """Return the flow run on which an action acts: the one for which the trigger counted, else that of its event.

    Errors: ActionFailed.
    """
    counted = id_in(labels.get(RESOURCE_ID, ""), FLOW_RUN)
    if counted is not None:
        return counted
    if event is None:
        raise ActionFailed("No event to infer the flow run")
    inferred = first_of_kind(event, FLOW_RUN)
    if inferred is None:
        raise ActionFailed("No flow run could be inferred")
    return inferred


def kind_of(action: TargetedAction) -> str:
    """Return the beginning of the resource ids of what an action acts on, as `prefect.work-pool`."""
    return f"prefect.{action.target.removesuffix('_id').replace('_', '-')}"


def first_of_kind(event: Event, kind: str) -> UUID | None:
    """Return the id of the first resource of a kind, the primary one first; None where there is none."""
    return next((id_ for resource in involved(event) if (id_ := id_in(resource[RESOURCE_ID], kind))), None)


def involved(event: Event) -> Iterator[Mapping[str, str]]:
    """Yield the labels of all resources of an event, the primary one first."""
    yield event["resource"]
    yield from event["related"]


def id_in(resource_id: str, kind: str) -> UUID | None:
    """Return the id within the resource id of a kind, None for another kind or no id."""
    found, dot, text = resource_id.rpartition(".")
    try:
        return UUID(text) if dot and found == kind else None
    except ValueError:
        return None


def as_target(kind: str, id_: UUID, name: str | None = None) -> JsonDict:
    """Return the labels by which an event names the object that was acted on."""
    named = {} if name is None else {"prefect.resource.name": name}
    return {RESOURCE_ID: f"{kind}.{id_}", RESOURCE_ROLE: "target", **named}
