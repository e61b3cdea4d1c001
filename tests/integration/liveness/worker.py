"""What workers and the processes that they start say to the API: each tells the worker's name."""

from uuid import uuid4

from tests.support.client import Api
from tests.support.json import Json


class Process:
    """A client that belongs to a worker; without a name it tells none, as people and older clients do."""

    def __init__(self, api: Api, worker: str | None = None, heartbeat: str | None = None) -> None:
        self._api = api
        self._headers = {"User-Agent": "prefect/3.8.4 (API 0.8.4)"}
        if worker is not None:
            self._headers["X-Prefect-Worker-Name"] = worker
        if heartbeat is not None:
            self._headers["X-Ostinato-Heartbeat"] = heartbeat

    async def propose(self, run_id: str, type_: str, *, force: bool = False, **state: Json) -> str:
        """Propose a state and return the status of the answer."""
        body = {"state": {"type": type_, **state}, "force": force}
        return (await self._post(f"/flow_runs/{run_id}/set_state", body))["status"]

    async def propose_in_bulk(self, run_id: str, type_: str) -> str:
        """Propose a state for all runs of a filter that only this one matches; return the status of the answer."""
        body = {"flow_runs": {"id": {"any_": [run_id]}}, "state": {"type": type_}}
        (result,) = (await self._post("/flow_runs/bulk_set_state", body))["results"]
        return result["status"]

    async def resume(self, run_id: str) -> str:
        """Let a paused run go on and return the status of the answer."""
        return (await self._post(f"/flow_runs/{run_id}/resume", {}))["status"]

    async def _post(self, path: str, body: Json) -> Json:
        answer = await self._api.request("POST", path, body, headers=self._headers)
        assert answer.status in (200, 201), answer.body
        return answer.json


async def new_deployment(api: Api, pool: Json | None = None, **members: Json) -> Json:
    """Make a work pool, with these members, and a deployment in it."""
    made = await api.created("/work_pools/", {"name": f"pool-{uuid4()}", "type": "process", **(pool or {})})
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    body = {"name": "d", "flow_id": flow["id"], "work_pool_name": made["name"], **members}
    return await api.created("/deployments/", body)


async def new_run(api: Api, deployment: Json) -> str:
    """Make a run of the deployment that is due, and return its id."""
    return (await api.created(f"/deployments/{deployment['id']}/create_flow_run", {}))["id"]


async def read_run(api: Api, run_id: str) -> Json:
    """Return a flow run."""
    return (await api.get(f"/flow_runs/{run_id}")).json
