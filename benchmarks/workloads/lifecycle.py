"""A flow run's whole life as its engine tells it."""

import orjson

from benchmarks import bodies
from benchmarks.job import Job, Operation, make_flow
from benchmarks.measurement import Measurement
from benchmarks.wire import HttpConnection, encode_request
from tests.support.task_runs import COMPLETED, RUNNING


async def run(job: Job) -> Measurement:
    """One operation = create, set Running, set Completed, read."""
    async with job.clients() as pool:
        return await job.closed_loop(lifecycle(await make_flow(pool[0])), pool)


def lifecycle(flow_id: str) -> Operation:
    """Return the operation for a flow."""
    create = encode_request("POST", "/api/flow_runs/", bodies.flow_run_body(flow_id))
    running, completed = bodies.set_state_body(RUNNING), bodies.set_state_body(COMPLETED)

    async def operation(connection: HttpConnection) -> None:
        path = "/api/flow_runs/" + orjson.loads(await connection.expect(create, (201,)))["id"]
        await connection.expect(encode_request("POST", path + "/set_state", running), (201,), b'"ACCEPT"')
        await connection.expect(encode_request("POST", path + "/set_state", completed), (201,), b'"ACCEPT"')
        await connection.expect(encode_request("GET", path), (200,), b'"state_type":"COMPLETED"')

    return operation
