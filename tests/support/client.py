"""A thin HTTP client for tests: status, headers and decoded body of one request, nothing raised, nothing followed."""

from dataclasses import dataclass
from types import TracebackType

import aiohttp
import orjson

from tests.support.json import Json

CONNECTIONS_AT_ONCE = 16


@dataclass(frozen=True)
class Answer:
    """What the server answered; `json` is None for an empty body or one that is not JSON."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        """The decoded body; raises `orjson.JSONDecodeError` if it is not JSON."""
        return orjson.loads(self.body) if self.body else None


class Api:
    """Requests against one server; paths are relative to `/api`, e.g. `/flows/`.

    `keep_alive=False` opens a connection for each request, so that a balancer of connections balances requests.
    """

    def __init__(self, api_url: str, *, keep_alive: bool = True) -> None:
        self._api_url = api_url
        connector = aiohttp.TCPConnector(limit=CONNECTIONS_AT_ONCE, force_close=not keep_alive)
        self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30))

    async def request(
        self, method: str, path: str, json: Json = None, *, body: bytes | None = None,
        headers: dict[str, str] | None = None, params: dict[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """Send one request: `json` is encoded, or `body` is sent as it is."""
        content = body if body is not None or json is None else orjson.dumps(json)
        sent = {"Content-Type": "application/json"} | (headers or {}) if content is not None else headers
        async with self._session.request(
            method, self._api_url + path, data=content, headers=sent, params=params, allow_redirects=False
        ) as response:
            return Answer(response.status, dict(response.headers), await response.read())

    async def get(self, path: str, **params: str) -> Answer:
        """GET with query parameters."""
        return await self.request("GET", path, params=params)

    async def post(self, path: str, json: Json = None) -> Answer:
        """POST a JSON body."""
        return await self.request("POST", path, json)

    async def put(self, path: str, json: Json = None) -> Answer:
        """PUT a JSON body."""
        return await self.request("PUT", path, json)

    async def delete(self, path: str) -> Answer:
        """DELETE."""
        return await self.request("DELETE", path)

    async def created(self, path: str, json: Json) -> Json:
        """POST a JSON body and return the object; asserts that it was created or found."""
        answer = await self.post(path, json)
        assert answer.status in (200, 201), f"POST {path}: {answer.status} {answer.body!r}"
        return answer.json

    async def __aenter__(self) -> "Api":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
