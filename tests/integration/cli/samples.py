"""Objects of the API as JSON, for answers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.flows import Flow
from ostinato_wire.logs import Log
from ostinato_wire.states import State, StateType
from ostinato_wire.task_runs import TaskRun

START = datetime(2026, 5, 17, 12, tzinfo=UTC)


def uid(number: int) -> UUID:
    """Return an id that can be told apart by eye."""
    return UUID(int=number, version=4)


def flow(number: int, name: str) -> dict[str, Any]:  # a JSON object
    """Return a flow."""
    return Flow(id=uid(number), created=START, updated=START, name=name).model_dump(mode="json")


def state(type_: StateType, name: str | None = None) -> State:
    """Return a state of ten minutes ago."""
    return State(id=uid(99), timestamp=datetime.now(UTC) - timedelta(minutes=10, seconds=1), type=type_, name=name)


def flow_run(number: int, flow_number: int, name: str, current: State | None) -> dict[str, Any]:  # a JSON object
    """Return a flow run."""
    run = FlowRun(id=uid(number), created=START, updated=START, name=name, flow_id=uid(flow_number), state=current)
    return run.model_dump(mode="json")


def task_run(number: int, name: str, current: State | None) -> dict[str, Any]:  # a JSON object
    """Return a task run."""
    run = TaskRun(
        id=uid(number), created=START, updated=START, name=name, task_key="add-1", dynamic_key="0", state=current
    )
    return run.model_dump(mode="json")


def log(number: int) -> dict[str, Any]:  # a JSON object
    """Return the log line of the given number, that many seconds after the start."""
    moment = START + timedelta(seconds=number, milliseconds=7)
    line = Log(id=uid(number), name="prefect.flow_runs", level=20, message=f"line {number} [/b]", timestamp=moment)
    return line.model_dump(mode="json")
