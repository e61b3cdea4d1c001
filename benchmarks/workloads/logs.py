"""Log lines come in batches, and can be read afterwards."""

import orjson

from benchmarks import bodies
from benchmarks.job import Job, make_flow, make_flow_run
from benchmarks.measurement import Measurement
from benchmarks.wire import HttpConnection, encode_request


async def run(job: Job) -> Measurement:
    """One operation = one batch of log lines."""
    async with job.clients() as pool:
        run_id = await make_flow_run(pool[0], await make_flow(pool[0]))
        request = encode_request("POST", "/api/logs/", bodies.log_batch_body(run_id))

        async def operation(connection: HttpConnection) -> None:
            await connection.expect(request, (201,))

        result = await job.closed_loop(operation, pool)
        await pool[0].reopen()
        asked = {"logs": {"flow_run_id": {"any_": [run_id]}}, "limit": bodies.LINES_PER_BATCH}
        lines = await pool[0].expect(encode_request("POST", "/api/logs/filter", orjson.dumps(asked)), (200,))
        if (there := lines.count(b'"message":"line ')) != bodies.LINES_PER_BATCH:
            result.fail(f"{there} of the newest {bodies.LINES_PER_BATCH} lines can be read")
        return result
