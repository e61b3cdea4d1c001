"""What `GET /flow_runs/{id}/explain` is asked by the benchmarks: runs that wait for different things.

The runs are made through the API, beside whatever history the database holds already.
"""

from datetime import UTC, datetime, timedelta

import orjson

from benchmarks.wire import HttpConnection, encode_request

IN_LINE = 2_000
"""Runs that wait in the work pool of which the last one asks."""
SLOTS = 20
"""Slots of that pool; all are taken."""


async def calls(port: int) -> dict[str, bytes]:
    """Make the runs, and return the request of each call under its name."""
    http = await HttpConnection.open(port)

    async def post(path: str, **body: object) -> dict[str, str]:
        return orjson.loads(await http.expect(encode_request("POST", f"/api{path}", orjson.dumps(body)), (200, 201)))

    name = f"explain-{datetime.now(UTC):%H%M%S%f}"
    flow = (await post("/flows/", name=name))["id"]
    await post("/work_pools/", name=name, type="process", concurrency_limit=SLOTS)
    deployment = await post("/deployments/", name=name, flow_id=flow, work_pool_name=name, concurrency_limit=SLOTS)

    async def new_run(due: float, **members: object) -> str:
        when = (datetime.now(UTC) + timedelta(seconds=due)).isoformat()
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": when}}
        return (await post("/flow_runs/", flow_id=flow, state=state, **members))["id"]

    place = {"work_pool_name": name, "deployment_id": deployment["id"]}
    for _ in range(SLOTS):
        holder = await new_run(-600, **place)
        await post(f"/flow_runs/{holder}/set_state", state={"type": "PENDING"})
    for number in range(IN_LINE):
        last = await new_run(-300 + number / IN_LINE, **place)
    asked = {
        f"explain: last of {IN_LINE:,} in line, pool and deployment full": last,
        "explain: not due": await new_run(3600, **place),
        "explain: running": holder,
        "explain: of no queue": await new_run(-10),
    }
    http.close()
    return {call: encode_request("GET", f"/api/flow_runs/{run}/explain") for call, run in asked.items()}
