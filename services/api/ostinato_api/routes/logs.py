"""Log lines of runs."""

from urllib.parse import quote

from aiohttp import web

from ostinato_api.endpoint import Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.flow_runs.operations import read_flow_run
from ostinato_core.logs import operations
from ostinato_core.logs.download import csv_of_flow_run
from ostinato_wire.logs import Log, LogCreate
from ostinato_wire.queries import LogsQuery

routes = Routes("Logs")
flow_run_routes = Routes("Flow Runs")


@routes.post("/logs/")
@endpoint(body=list[LogCreate], statuses=(201,))
async def create_logs(call: Call[list[LogCreate]]) -> Reply:
    """Store lines."""
    live = call.services.settings.logs_stream_publishing_enabled
    await call.write(operations.create_logs, call.body, live=live)
    return Reply(None, 201)


@routes.post("/logs/filter")
@endpoint(body=LogsQuery, returns=list[Log])
async def read_logs(call: Call[LogsQuery]) -> Reply:
    """Lines that match."""
    return Reply(await call.read(operations.read_logs, call.body, limit_of(call, call.body.limit)))


@flow_run_routes.get("/flow_runs/{id}/logs/download")
@endpoint()
async def download_logs(call: Call[None]) -> Reply:
    """The lines of a flow run as CSV."""
    run = await call.lookup(read_flow_run, call.id)
    response = web.StreamResponse(headers=_csv_headers(run["name"]))
    await response.prepare(call.request)
    async for page in csv_of_flow_run(call.services.database, call.id):
        await response.write(page)
    await response.write_eof()
    return Reply(response=response)


def _csv_headers(run_name: str) -> dict[str, str]:
    name = quote(f"{run_name}-logs.csv", safe="")
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f"attachment; filename=\"flow-run-logs.csv\"; filename*=UTF-8''{name}",
    }
