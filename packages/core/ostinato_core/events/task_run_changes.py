"""What a client-orchestrated task run's event says of its run (websockets.md, section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationError

from ostinato_core.db.types import dumps
from ostinato_wire.base import Json, KeyValueLabels, UtcTime, WireModel
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, Event
from ostinato_wire.states import StateDetails, StateType
from ostinato_wire.task_runs import TaskInputs, TaskRunPolicy

EVENT_PREFIX = "prefect.task-run"
ORCHESTRATION = "prefect.orchestration"
TASK_RUN_PREFIX = "prefect.task-run."
_FLOW_RUN_ID = "prefect.flow-run."
_DETAILS_AFTER_IDS = dumps(StateDetails().model_dump(mode="json", exclude={"flow_run_id", "task_run_id"}))[1:]

Count = Annotated[int, Field(ge=0, lt=2**31)]


class TaskRunMembers(WireModel):
    """The members of `payload.task_run` that are columns; only those that are present are written."""

    name: str | None = None
    task_key: str
    dynamic_key: str
    cache_key: str | None = None
    cache_expiration: UtcTime | None = None
    task_version: str | None = None
    empirical_policy: TaskRunPolicy | None = None
    tags: list[str] | None = None
    labels: KeyValueLabels | None = None
    task_inputs: TaskInputs | None = None
    run_count: Count | None = None
    flow_run_run_count: Count | None = None
    expected_start_time: UtcTime | None = None
    next_scheduled_start_time: UtcTime | None = None
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None
    total_run_time: timedelta | None = None


class ValidatedState(WireModel):
    """The member `payload.validated_state`."""

    type: StateType
    name: str | None = None
    message: str | None = None
    data: Json = None
    state_details: dict[str, Any] | None = None  # Any: read as StateDetails only where it is not empty


class TaskRunPayload(WireModel):
    """The payload of such an event."""

    task_run: TaskRunMembers
    validated_state: ValidatedState


DEFAULTS: Mapping[str, Any] = {  # Any: values of many types
    "empirical_policy": TaskRunPolicy().model_dump_json(),
    "tags": "[]",
    "task_inputs": "{}",
    "run_count": 0,
    "flow_run_run_count": 0,
    "total_run_time": 0.0,
}
"""What a new row holds where its first event says nothing; these columns and `name` are never null."""


@dataclass(slots=True)
class TaskRunChange:
    """A state that a task run was in, and the columns that its event brings (JSON ones as text)."""

    task_run_id: UUID
    flow_run_id: UUID | None
    state_id: UUID
    timestamp: datetime
    type: str
    name: str
    message: str | None
    details: StateDetails | None
    data: str | None
    fallback_name: str
    columns: dict[str, Any]  # Any: values of many types

    @property
    def key(self) -> tuple[UUID | None, str, str]:
        """The natural key."""
        return (self.flow_run_id, self.columns["task_key"], self.columns["dynamic_key"])

    @property
    def state_details(self) -> str:
        """All members of the state's details as JSON text, with the ids of the runs filled in."""
        if self.details is None:
            flow_run_id = "null" if self.flow_run_id is None else f'"{self.flow_run_id}"'
            return f'{{"flow_run_id":{flow_run_id},"task_run_id":"{self.task_run_id}",{_DETAILS_AFTER_IDS}'
        ids = {"flow_run_id": self.flow_run_id, "task_run_id": self.task_run_id}
        return self.details.model_copy(update=ids).model_dump_json()


def is_task_run_change(event: Event) -> bool:
    """Whether the event reports a task run that its client moves itself."""
    return event.event.startswith(EVENT_PREFIX) and event.resource.get(ORCHESTRATION) == "client"


def task_run_change(event: Event) -> TaskRunChange:
    """Return what the event says of its run. Errors: ValueError, with a reason, where it cannot be recorded."""
    try:
        payload = TaskRunPayload.model_validate(event.payload)
        state = payload.validated_state
        details = StateDetails.model_validate(state.state_details) if state.state_details else None
        task_run_id = _id_after(TASK_RUN_PREFIX, event.resource[RESOURCE_ID])
        flow_run_id = _flow_run_id(event)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    return TaskRunChange(
        task_run_id=task_run_id,
        flow_run_id=flow_run_id,
        state_id=event.id,
        timestamp=event.occurred,
        type=state.type.value,
        name=state.name or state.type.value.capitalize(),
        message=state.message,
        details=details,
        data=None if state.data is None else dumps(state.data),
        fallback_name=event.resource.get(RESOURCE_NAME) or payload.task_run.task_key,
        columns=_columns(payload.task_run),
    )


def _columns(members: TaskRunMembers) -> dict[str, Any]:  # Any: values of many types
    columns = {name: getattr(members, name) for name in members.model_fields_set}
    for name in [name for name, value in columns.items() if value is None and (name in DEFAULTS or name == "name")]:
        del columns[name]
    if "total_run_time" in columns:
        columns["total_run_time"] = columns["total_run_time"].total_seconds()
    if "empirical_policy" in columns:
        columns["empirical_policy"] = columns["empirical_policy"].model_dump_json()
    if columns.get("task_inputs"):
        inputs = columns["task_inputs"]
        columns["task_inputs"] = {key: [edge.model_dump(mode="json") for edge in inputs[key]] for key in inputs}
    for name in ("tags", "labels", "task_inputs"):
        if columns.get(name) is not None:
            columns[name] = dumps(columns[name])
    return columns


def _flow_run_id(event: Event) -> UUID | None:
    for labels in event.related:
        if labels[RESOURCE_ROLE] == "flow-run":
            return _id_after(_FLOW_RUN_ID, labels[RESOURCE_ID])
    return None


def _id_after(prefix: str, resource_id: str) -> UUID:
    if not resource_id.startswith(prefix):
        raise ValueError(f"{resource_id!r} does not start with {prefix!r}")
    return UUID(resource_id[len(prefix) :])
