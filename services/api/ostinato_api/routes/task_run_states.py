"""States of task runs."""

from ostinato_api.endpoint import Call, Reply, Routes, endpoint
from ostinato_core.states import operations
from ostinato_wire.queries import TaskRunStatesQuery
from ostinato_wire.states import State

routes = Routes("Task Run States")


@routes.get("/task_run_states/{id}")
@endpoint(returns=State)
async def read_task_run_state(call: Call[None]) -> Reply:
    """One state."""
    return Reply(await call.lookup(operations.read_task_run_state, call.id))


@routes.get("/task_run_states/")
@endpoint(query=TaskRunStatesQuery, returns=list[State])
async def read_task_run_states(call: Call[None]) -> Reply:
    """The states of a task run in order of time."""
    return Reply(await call.lookup(operations.read_task_run_states, call.query.task_run_id))
