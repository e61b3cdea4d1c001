"""How long `GET /flow_runs/{id}/explain` takes: `python -m benchmarks.parts.explain PORT`, on a server that runs.

The runs that are asked about are made through the API, beside whatever history the database holds already.
"""

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta

import orjson

from benchmarks.measurement import Measurement, milliseconds
from benchmarks.wire import HttpConnection, encode_request

IN_LINE = 2_000
"""Runs that wait in the work pool of which the last one asks."""
SLOTS = 20
"""Slots of that pool and of its deployment; all are taken."""
TIMES = 200
"""How often each call is made."""
_SHARES = {"median": 0.5, "p95": 0.95, "most": 1.0}


async def calls(http: HttpConnection) -> dict[str, bytes]:
    """Make the runs, and return the request of each call under its name."""

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
    holders = [await new_run(-600, **place) for _ in range(SLOTS)]
    for holder in holders:
        await post(f"/flow_runs/{holder}/set_state", state={"type": "PENDING"})
    in_line = [await new_run(-300 + number / IN_LINE, **place) for number in range(IN_LINE)]
    asked = {
        f"last of {IN_LINE:,} in line, pool and deployment full": in_line[-1],
        "not due": await new_run(3600, **place),
        "pending": holders[0],
        "of no queue": await new_run(-10),
    }
    return {f"explain: {call}": encode_request("GET", f"/api/flow_runs/{run}/explain") for call, run in asked.items()}


async def measure(port: int) -> dict[str, Measurement]:
    """Make each call, one after the other; return what was measured by its name."""
    http = await HttpConnection.open(port)
    found: dict[str, Measurement] = {}
    for name, request in (await calls(http)).items():
        began, latencies = time.perf_counter(), list[float]()
        for _ in range(TIMES):
            asked = time.perf_counter()
            await http.expect(request, (200,), b"verdict")
            latencies.append(time.perf_counter() - asked)
        found[name] = Measurement(operations=TIMES, seconds=time.perf_counter() - began, latencies=latencies)
    http.close()
    return found


def main() -> None:
    """Measure and print."""
    for name, measured in asyncio.run(measure(int(sys.argv[1]))).items():
        took = [f"{share} {milliseconds(measured.latencies, part)} ms" for share, part in _SHARES.items()]
        print(f"{name}: {', '.join(took)}")


if __name__ == "__main__":
    main()
