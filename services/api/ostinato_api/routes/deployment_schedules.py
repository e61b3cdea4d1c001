"""The schedules of deployments."""

from uuid import UUID

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_core.deployments import schedules
from ostinato_wire.deployments import DeploymentSchedule, DeploymentScheduleCreate, DeploymentScheduleUpdate

routes = Routes("Deployments")


@routes.get("/deployments/{id}/schedules")
@endpoint(returns=list[DeploymentSchedule])
async def read_schedules(call: Call[None]) -> Reply:
    """The schedules of a deployment, the last changed first."""
    return Reply(await call.lookup(schedules.read_schedules, call.id))


@routes.post("/deployments/{id}/schedules")
@endpoint(body=list[DeploymentScheduleCreate], returns=list[DeploymentSchedule], statuses=(201,))
async def create_schedules(call: Call[list[DeploymentScheduleCreate]]) -> Reply:
    """Add schedules to a deployment."""
    return Reply(await call.write(schedules.create_schedules, call.id, call.body), 201)


@routes.patch("/deployments/{id}/schedules/{schedule_id}")
@endpoint(body=DeploymentScheduleUpdate, statuses=(204,))
async def update_schedule(call: Call[DeploymentScheduleUpdate]) -> Reply:
    """Change a schedule; only members that are present and not null are written."""
    await call.write(schedules.update_schedule, call.id, UUID(call.path("schedule_id")), call.body)
    return NO_CONTENT


@routes.delete("/deployments/{id}/schedules/{schedule_id}")
@endpoint(statuses=(204,))
async def delete_schedule(call: Call[None]) -> Reply:
    """Delete a schedule, with the runs that have not begun."""
    await call.write(schedules.delete_schedule, call.id, UUID(call.path("schedule_id")))
    return NO_CONTENT
