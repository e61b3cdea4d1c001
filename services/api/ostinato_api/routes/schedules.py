"""Schedules before they are stored: extensions of the wire."""

from ostinato_api.endpoint import Call, InvalidRequest, Reply, Routes, endpoint
from ostinato_core.clock import utc_now
from ostinato_core.scheduling.errors import InvalidSchedule
from ostinato_core.scheduling.preview import preview, time_zones
from ostinato_wire.schedule_previews import SchedulePreview, SchedulePreviewRequest, kind_of

routes = Routes("Deployments")


@routes.post("/schedules/preview")
@endpoint(body=SchedulePreviewRequest, returns=SchedulePreview)
async def preview_schedule(call: Call[SchedulePreviewRequest]) -> Reply:
    """The next instants of a schedule, in its time zone. An extension of the wire."""
    body = call.body
    try:
        found = preview(body.schedule, body.start or utc_now(), body.count)
    except InvalidSchedule as error:
        kind = kind_of(body.schedule)
        problem = {"type": "schedule", "loc": ["body", "schedule", kind, kind], "msg": error.message, "input": None}
        raise InvalidRequest([problem]) from error
    return Reply(found.model_dump())


@routes.get("/schedules/time_zones")
@endpoint(returns=list[str])
async def read_time_zones(call: Call[None]) -> Reply:
    """The names of all time zones that schedules can be in. An extension of the wire."""
    return Reply(time_zones())
