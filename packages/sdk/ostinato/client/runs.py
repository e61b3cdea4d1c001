"""Runs as the clients give them: what the wire says, and a state that can read the run's result."""

from ostinato.states import State
from ostinato_wire.flow_runs import FlowRun as WireFlowRun
from ostinato_wire.task_runs import TaskRun as WireTaskRun


class FlowRun(WireFlowRun):
    """A flow run; `flow_run.state.result()` reads its result if it was stored."""

    state: State | None = None  # pyright: ignore[reportIncompatibleVariableOverride] - nobody sets it to less


class TaskRun(WireTaskRun):
    """A task run; `task_run.state.result()` reads its result if it was stored."""

    state: State | None = None  # pyright: ignore[reportIncompatibleVariableOverride] - as above
