"""Flows."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, created_or_found, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.flows import operations
from ostinato_wire.flows import Flow, FlowBulkDeleteResult, FlowCreate, FlowUpdate
from ostinato_wire.paging import Page
from ostinato_wire.queries import FlowsBulkDelete, FlowsPageQuery, FlowsQuery, FlowsWhere

routes = Routes("Flows")


@routes.post("/flows/")
@endpoint(body=FlowCreate, returns=Flow, statuses=(201, 200))
async def create_flow(call: Call[FlowCreate]) -> Reply:
    """Make a flow, or find the one of that name."""
    return created_or_found(await call.write(operations.create_flow, call.body))


@routes.get("/flows/{id}")
@endpoint(returns=Flow)
async def read_flow(call: Call[None]) -> Reply:
    """One flow."""
    return Reply(await call.lookup(operations.read_flow, call.id))


@routes.get("/flows/name/{name}")
@endpoint(returns=Flow)
async def read_flow_by_name(call: Call[None]) -> Reply:
    """The flow of a name."""
    return Reply(await call.lookup(operations.read_flow_by_name, call.path("name")))


@routes.patch("/flows/{id}")
@endpoint(body=FlowUpdate, statuses=(204,))
async def update_flow(call: Call[FlowUpdate]) -> Reply:
    """Change a flow's tags."""
    await call.write(operations.update_flow, call.id, call.body)
    return NO_CONTENT


@routes.delete("/flows/{id}")
@endpoint(statuses=(204,))
async def delete_flow(call: Call[None]) -> Reply:
    """Delete a flow with its runs."""
    await call.write(operations.delete_flow, call.id)
    return NO_CONTENT


@routes.post("/flows/filter")
@endpoint(body=FlowsQuery, returns=list[Flow])
async def read_flows(call: Call[FlowsQuery]) -> Reply:
    """Flows that match."""
    return Reply(await call.read(operations.read_flows, call.body, limit_of(call, call.body.limit)))


@routes.post("/flows/count")
@endpoint(body=FlowsWhere, returns=int)
async def count_flows(call: Call[FlowsWhere]) -> Reply:
    """How many flows match."""
    return Reply(await call.read(operations.count_flows, call.body))


@routes.post("/flows/paginate")
@endpoint(body=FlowsPageQuery, returns=Page[Flow])
async def paginate_flows(call: Call[FlowsPageQuery]) -> Reply:
    """A page of the flows that match."""
    return Reply(await call.read(operations.read_page, call.body, limit_of(call, call.body.limit)))


@routes.post("/flows/bulk_delete")
@endpoint(body=FlowsBulkDelete, returns=FlowBulkDeleteResult)
async def delete_flows(call: Call[FlowsBulkDelete]) -> Reply:
    """Delete flows that match, with their runs."""
    return Reply(await call.write(operations.delete_flows, call.body))
