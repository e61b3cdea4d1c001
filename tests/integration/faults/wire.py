"""What the processes of a worker say to the API, sent as the reference client sends it: repeated until answered."""

import asyncio
from uuid import uuid4

import aiohttp
import orjson

from tests.support.json import Json

RETRIED = (408, 429, 502, 503)
"""Statuses after which the client sends a request again; after no others."""
ATTEMPTS = 60
PAUSE = 0.5
"""Seconds between them. The client's own pauses are longer."""


class Refused(Exception):
    """An answer that the client does not repeat its request after; it is in the message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Wire:
    """Requests of a worker and of the processes that it starts; they share a few connections."""

    def __init__(self, api_url: str, worker: str) -> None:
        """`api_url` is where the balancer listens."""
        self._api_url = api_url
        headers = {"User-Agent": "prefect/3.8.4 (API 0.8.4)", "X-Prefect-Worker-Name": worker}
        headers["Content-Type"] = "application/json"
        self._session = aiohttp.ClientSession(
            headers=headers,
            connector=aiohttp.TCPConnector(limit=24),
            timeout=aiohttp.ClientTimeout(total=15),
        )
        self.repeated = 0

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def request(self, method: str, path: str, body: Json = None) -> Json:
        """Return the decoded answer. Errors: Refused."""
        content = orjson.dumps(body) if body is not None else None
        last = "no answer"
        for _ in range(ATTEMPTS):
            try:
                async with self._session.request(method, self._api_url + path, data=content) as response:
                    answer = await response.read()
                    if response.status < 300:
                        return orjson.loads(answer) if answer else None
                    last = f"{method} {path}: {response.status} {answer[:500]!r}"
                    if response.status not in RETRIED:
                        raise Refused(response.status, last)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                last = f"{method} {path}: {error!r}"
            self.repeated += 1
            await asyncio.sleep(PAUSE)
        raise Refused(503, last)

    async def propose(self, run_id: str, type_: str, name: str | None = None, *, force: bool = False) -> Json:
        """Propose a state, under one `transition_id` however often it is sent; return the answer."""
        details = {"flow_run_id": run_id, "transition_id": str(uuid4())}
        state = {"type": type_, "name": name or type_.capitalize(), "state_details": details, "data": None}
        return await self.request("POST", f"/flow_runs/{run_id}/set_state", {"state": state, "force": force})


def is_in(answer: Json, type_: str) -> bool:
    """Whether the client takes an answer to its proposal to mean that the run is in the state."""
    state = answer["state"]
    return answer["status"] in ("ACCEPT", "REJECT") and state is not None and state["type"] == type_
