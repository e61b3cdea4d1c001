"""Incidents, and the comments on them."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.incidents import operations
from ostinato_wire.incidents import (
    Incident,
    IncidentComment,
    IncidentCommentCreate,
    IncidentCreate,
    IncidentResolve,
    IncidentsQuery,
    IncidentsWhere,
    IncidentUpdate,
)

routes = Routes("Incidents")


@routes.post("/incidents/")
@endpoint(body=IncidentCreate, returns=Incident, statuses=(201,))
async def declare_incident(call: Call[IncidentCreate]) -> Reply:
    """Declare an incident."""
    return Reply(await call.write(operations.declare_incident, call.body), 201)


@routes.post("/incidents/filter")
@endpoint(body=IncidentsQuery, returns=list[Incident])
async def read_incidents(call: Call[IncidentsQuery]) -> Reply:
    """Incidents that match."""
    return Reply(await call.read(operations.read_incidents, call.body, limit_of(call, call.body.limit)))


@routes.post("/incidents/count")
@endpoint(body=IncidentsWhere, returns=int)
async def count_incidents(call: Call[IncidentsWhere]) -> Reply:
    """How many incidents match."""
    return Reply(await call.read(operations.count_incidents, call.body))


@routes.get("/incidents/{id}")
@endpoint(returns=Incident)
async def read_incident(call: Call[None]) -> Reply:
    """One incident."""
    return Reply(await call.lookup(operations.read_incident, call.id))


@routes.patch("/incidents/{id}")
@endpoint(body=IncidentUpdate, statuses=(204,))
async def update_incident(call: Call[IncidentUpdate]) -> Reply:
    """Change an incident."""
    await call.write(operations.update_incident, call.id, call.body)
    return NO_CONTENT


@routes.post("/incidents/{id}/resolve")
@endpoint(body=IncidentResolve, returns=Incident)
async def resolve_incident(call: Call[IncidentResolve]) -> Reply:
    """Let an incident end."""
    return Reply(await call.write(operations.resolve_incident, call.id, call.body))


@routes.post("/incidents/{id}/reopen")
@endpoint(returns=Incident)
async def reopen_incident(call: Call[None]) -> Reply:
    """Let an incident go on that was resolved."""
    return Reply(await call.write(operations.reopen_incident, call.id))


@routes.post("/incidents/{id}/comments")
@endpoint(body=IncidentCommentCreate, returns=IncidentComment, statuses=(201,))
async def add_incident_comment(call: Call[IncidentCommentCreate]) -> Reply:
    """Say something of an incident."""
    return Reply(await call.write(operations.add_comment, call.id, call.body), 201)


@routes.get("/incidents/{id}/comments")
@endpoint(returns=list[IncidentComment])
async def read_incident_comments(call: Call[None]) -> Reply:
    """What was said of an incident."""
    return Reply(await call.lookup(operations.read_comments, call.id))
