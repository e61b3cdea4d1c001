"""States of flow runs."""

from ostinato_api.endpoint import Call, Reply, Routes, endpoint
from ostinato_core.states import operations
from ostinato_wire.queries import FlowRunStatesQuery
from ostinato_wire.states import State

routes = Routes("Flow Run States")


@routes.get("/flow_run_states/{id}")
@endpoint(returns=State)
async def read_flow_run_state(call: Call[None]) -> Reply:
    """One state."""
    return Reply(await call.lookup(operations.read_flow_run_state, call.id))


@routes.get("/flow_run_states/")
@endpoint(query=FlowRunStatesQuery, returns=list[State])
async def read_flow_run_states(call: Call[None]) -> Reply:
    """The states of a flow run in order of time."""
    return Reply(await call.lookup(operations.read_flow_run_states, call.query.flow_run_id))
