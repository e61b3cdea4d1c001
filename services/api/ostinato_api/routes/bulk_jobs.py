"""Changes of all flow runs that match a filter. Extensions of the wire."""

from ostinato_api.endpoint import Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.bulk_jobs import operations
from ostinato_wire.bulk_jobs import BulkJob, BulkJobCreate, BulkJobPreview, BulkJobPreviewQuery, BulkJobsQuery

routes = Routes("Bulk Jobs")


@routes.post("/bulk_jobs/preview")
@endpoint(body=BulkJobPreviewQuery, returns=BulkJobPreview)
async def preview_bulk_job(call: Call[BulkJobPreviewQuery]) -> Reply:
    """How many flow runs a bulk job would be about; nothing is changed."""
    delay = call.services.settings.bulk_jobs_delete_delay
    return Reply(await call.read(operations.preview_job, call.body, delay))


@routes.post("/bulk_jobs/")
@endpoint(body=BulkJobCreate, returns=BulkJob, statuses=(201,))
async def create_bulk_job(call: Call[BulkJobCreate]) -> Reply:
    """Have all flow runs that match changed by the server."""
    delay = call.services.settings.bulk_jobs_delete_delay
    database = call.services.database
    return Reply(await operations.create_job(database, call.body, delay, call.caller.created_by), 201)


@routes.post("/bulk_jobs/filter")
@endpoint(body=BulkJobsQuery, returns=list[BulkJob])
async def read_bulk_jobs(call: Call[BulkJobsQuery]) -> Reply:
    """Bulk jobs that match, the newest first."""
    return Reply(await call.read(operations.read_jobs, call.body, limit_of(call, call.body.limit)))


@routes.get("/bulk_jobs/{id}")
@endpoint(returns=BulkJob)
async def read_bulk_job(call: Call[None]) -> Reply:
    """One bulk job."""
    return Reply(await call.lookup(operations.read_job, call.id))


@routes.post("/bulk_jobs/{id}/stop")
@endpoint(returns=BulkJob)
async def stop_bulk_job(call: Call[None]) -> Reply:
    """Leave the flow runs as they are whose turn has not come yet."""
    return Reply(await call.write(operations.stop_job, call.id))
