"""Inputs of flow runs."""

from aiohttp import web

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_core.flow_runs import inputs
from ostinato_wire.flow_runs import FlowRunInput, FlowRunInputCreate, FlowRunInputFilter

routes = Routes("Flow Runs")


@routes.post("/flow_runs/{id}/input")
@endpoint(body=FlowRunInputCreate, statuses=(201,))
async def create_flow_run_input(call: Call[FlowRunInputCreate]) -> Reply:
    """Store an input for a flow run."""
    await call.write(inputs.create_input, call.id, call.body)
    return Reply(None, 201)


@routes.post("/flow_runs/{id}/input/filter")
@endpoint(body=FlowRunInputFilter, returns=list[FlowRunInput])
async def read_flow_run_inputs(call: Call[FlowRunInputFilter]) -> Reply:
    """Inputs of a flow run whose key has a prefix, the oldest first."""
    return Reply(await call.read(inputs.read_inputs, call.id, call.body))


@routes.get("/flow_runs/{id}/input/{key}")
@endpoint(returns=str)
async def read_flow_run_input(call: Call[None]) -> Reply:
    """The value of an input, as plain text."""
    text = await call.lookup(inputs.read_input_value, call.id, call.path("key"))
    return Reply(response=web.Response(text=text, content_type="text/plain", charset="utf-8"))


@routes.delete("/flow_runs/{id}/input/{key}")
@endpoint(statuses=(204,))
async def delete_flow_run_input(call: Call[None]) -> Reply:
    """Delete an input."""
    await call.write(inputs.delete_input, call.id, call.path("key"))
    return NO_CONTENT
