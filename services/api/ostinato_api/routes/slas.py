"""Service level agreements: one route is that of the reference's Cloud, the others are our own."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.slas import operations
from ostinato_wire.slas import Sla, SlaMergeResponse, SlasQuery, SlasWhere, SlaTypes, SlaUpdate

routes = Routes("SLAs")


@routes.post("/slas/apply-resource-slas/{resource_id}")
@endpoint(body=list[SlaTypes], returns=SlaMergeResponse)
async def apply_slas(call: Call[list[SlaTypes]]) -> Reply:
    """Give a deployment or a tag these agreements and no others."""
    return Reply(await call.write(operations.apply_slas, call.path("resource_id"), call.body))


@routes.post("/slas/")
@endpoint(body=SlaTypes, returns=Sla)
async def set_sla(call: Call[SlaTypes]) -> Reply:
    """Give the owner of an agreement this one, or change that of its name."""
    return Reply(await call.write(operations.set_sla, call.body))


@routes.post("/slas/filter")
@endpoint(body=SlasQuery, returns=list[Sla])
async def read_slas(call: Call[SlasQuery]) -> Reply:
    """Agreements that match."""
    return Reply(await call.read(operations.read_slas, call.body, limit_of(call, call.body.limit)))


@routes.post("/slas/count")
@endpoint(body=SlasWhere, returns=int)
async def count_slas(call: Call[SlasWhere]) -> Reply:
    """How many agreements match."""
    return Reply(await call.read(operations.count_slas, call.body))


@routes.get("/slas/{id}")
@endpoint(returns=Sla)
async def read_sla(call: Call[None]) -> Reply:
    """One agreement."""
    return Reply(await call.lookup(operations.read_sla, call.id))


@routes.patch("/slas/{id}")
@endpoint(body=SlaUpdate, statuses=(204,))
async def switch_sla(call: Call[SlaUpdate]) -> Reply:
    """Enable or disable an agreement."""
    await call.write(operations.switch_sla, call.id, call.body)
    return NO_CONTENT


@routes.delete("/slas/{id}")
@endpoint(statuses=(204,))
async def delete_sla(call: Call[None]) -> Reply:
    """Delete an agreement."""
    await call.write(operations.delete_sla, call.id)
    return NO_CONTENT
