"""Making flow runs, and moving them from state to state."""

from ostinato_api.endpoint import Call, Reply, Routes, created_or_found, endpoint
from ostinato_core.flow_runs.bulk_transitions import set_states
from ostinato_core.flow_runs.cascade import cancel_tree
from ostinato_core.flow_runs.resume import resume_flow_run
from ostinato_core.flow_runs.transitions import create_flow_run, set_flow_run_state
from ostinato_wire.flow_runs import FlowRun, FlowRunBulkSetStateResult, FlowRunCreate, FlowRunResume
from ostinato_wire.queries import FlowRunsBulkSetState
from ostinato_wire.states import CascadeQuery, OrchestrationResult, SetState

routes = Routes("Flow Runs")


@routes.post("/flow_runs/")
@endpoint(body=FlowRunCreate, returns=FlowRun, statuses=(201, 200))
async def create(call: Call[FlowRunCreate]) -> Reply:
    """Make a flow run, or find the one with the same idempotency key."""
    most = call.services.settings.api_max_parameter_size
    made = await call.write(create_flow_run, call.body, created_by=call.caller.created_by, maximum_parameter_size=most)
    return created_or_found(made)


@routes.post("/flow_runs/{id}/set_state")
@endpoint(body=SetState, query=CascadeQuery, returns=OrchestrationResult, statuses=(201, 200))
async def set_state(call: Call[SetState]) -> Reply:
    """Propose a state; the answer tells which state the run is in. With `cascade` all runs below are cancelled too."""
    propose = cancel_tree if call.query.cascade else set_flow_run_state
    moved = await call.write(propose, call.id, call.body.state, force=call.body.force, proposer=call.caller)
    return created_or_found(moved)


@routes.post("/flow_runs/{id}/resume")
@endpoint(body=FlowRunResume, returns=OrchestrationResult, statuses=(201, 200))
async def resume(call: Call[FlowRunResume]) -> Reply:
    """Let a paused flow run go on, with the input that it asked for."""
    moved = await call.write(resume_flow_run, call.id, call.body.run_input or {}, proposer=call.caller)
    return created_or_found(moved)


@routes.post("/flow_runs/bulk_set_state")
@endpoint(body=FlowRunsBulkSetState, query=CascadeQuery, returns=FlowRunBulkSetStateResult)
async def set_state_of_many(call: Call[FlowRunsBulkSetState]) -> Reply:
    """Propose a state for each flow run that matches, the newest first."""
    results = await set_states(call.services.database, call.body, cascade=call.query.cascade, proposer=call.caller)
    return Reply(results)
