"""Making task runs over REST, and moving them from state to state: what clients do not orchestrate themselves."""

from ostinato_api.endpoint import Call, Reply, Routes, created_or_found, endpoint
from ostinato_core.task_runs.transitions import create_task_run, set_task_run_state
from ostinato_wire.states import OrchestrationResult, SetState
from ostinato_wire.task_runs import TaskRun, TaskRunCreate

routes = Routes("Task Runs")


@routes.post("/task_runs/")
@endpoint(body=TaskRunCreate, returns=TaskRun, statuses=(201, 200))
async def create(call: Call[TaskRunCreate]) -> Reply:
    """Make a task run, or find the one with the same natural key."""
    return created_or_found(await call.write(create_task_run, call.body))


@routes.post("/task_runs/{id}/set_state")
@endpoint(body=SetState, returns=OrchestrationResult, statuses=(201, 200))
async def set_state(call: Call[SetState]) -> Reply:
    """Propose a state; the answer tells which state the run is in."""
    moved = await call.write(set_task_run_state, call.id, call.body.state, force=call.body.force, proposer=call.caller)
    return created_or_found(moved)
