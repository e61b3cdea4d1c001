"""Flow runs are created; all of them are there afterwards."""

from benchmarks import bodies
from benchmarks.job import Job, count, make_flow
from benchmarks.measurement import Measurement
from benchmarks.wire import HttpConnection, encode_request


async def run(job: Job) -> Measurement:
    """One operation = one flow run created."""
    async with job.clients() as pool:
        request = encode_request("POST", "/api/flow_runs/", bodies.flow_run_body(await make_flow(pool[0])))
        created = 0

        async def operation(connection: HttpConnection) -> None:
            nonlocal created
            await connection.expect(request, (201,), b'"PENDING"')
            created += 1

        before = await count(pool[0], "flow_runs")
        result = await job.closed_loop(operation, pool)
        await pool[0].reopen()
        if (there := await count(pool[0], "flow_runs") - before) < created:
            result.fail(f"{there} of {created} flow runs are there", created - there)
        return result
