"""The HTTP API of a docker daemon with containers that only exist on paper, for the real client of it."""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson
from aiohttp import web

from tests.support.stub_api import PaperApi

# Any below: JSON.


@dataclass
class PaperContainer:
    """A container: it ends when `end` is called, or when it is stopped or removed."""

    name: str
    body: dict[str, Any]
    id: str = field(default_factory=lambda: uuid4().hex)
    status: str = "created"
    state: dict[str, Any] = field(default_factory=dict[str, Any])
    output: bytes = b"a line\n"

    def end(self, status: int, **state: Any) -> None:
        """Let it have ended."""
        self.status, self.state = "exited", {"ExitCode": status, **state}

    def inspected(self) -> dict[str, Any]:
        """Return what the daemon tells of it."""
        return {
            "Id": self.id,
            "Name": f"/{self.name}",
            "State": {"Status": self.status, **self.state},
            "Config": {"Labels": self.body.get("Labels") or {}, "Tty": False, "Image": self.body["Image"]},
            "HostConfig": {"LogConfig": {"Type": "json-file"}, **(self.body.get("HostConfig") or {})},
        }


@dataclass
class PaperDocker(PaperApi):
    """The daemon. `ends` is called with each container that is started; without it they end well at once."""

    images: set[str] = field(default_factory=set[str])
    registry: set[str] = field(default_factory=lambda: {"flows:1"})
    containers: dict[str, PaperContainer] = field(default_factory=dict[str, PaperContainer])
    pulls: list[tuple[str, str | None]] = field(default_factory=list[tuple[str, str | None]])
    connections: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    ends: Callable[[PaperContainer], None] = lambda container: container.end(0)
    start_error: str | None = None
    away: int = 0
    """So many questions for a container are answered by 500."""

    @property
    def only(self) -> PaperContainer:
        """The one container."""
        (found,) = self.containers.values()
        return found

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path.split("/")[1:]
        if path[0].startswith("v1"):
            path = path[1:]
        match [request.method, *path]:
            case ["GET", "version"]:
                return web.json_response({"ApiVersion": "1.44", "MinAPIVersion": "1.24"})
            case ["GET", "images", *name, "json"]:
                return self._image("/".join(name))
            case ["POST", "images", "create"]:
                return self._pull(request)
            case ["POST", "containers", "create"]:
                return self._create(request.query.get("name", ""), await request.json())
            case ["GET", "containers", "json"]:
                return self._list(request)
            case ["GET", "networks", name]:
                return web.json_response({"Id": name, "Name": name})
            case ["POST", "networks", name, "connect"]:
                self.connections.append((name, (await request.json())["Container"]))
                return web.Response(status=200)
            case [method, "containers", container_id, *rest]:
                container = self.containers.get(container_id)
                if container is None:
                    return _error(404, "No such container")
                return await self._container(method, container, rest, request)
            case _:
                return _error(404, f"page not found: {request.method} {request.path}")

    def _image(self, name: str) -> web.Response:
        if name not in self.images:
            return _error(404, f"No such image: {name}")
        return web.json_response({"Id": name, "RepoTags": [name]})

    def _pull(self, request: web.Request) -> web.Response:
        name = f"{request.query['fromImage']}:{request.query['tag']}"
        self.pulls.append((name, request.headers.get("X-Registry-Auth")))
        if name not in self.registry:
            return _error(404, f"manifest for {name} not found")
        self.images.add(name)
        return web.json_response({"status": "Pulled"})

    def _create(self, name: str, body: dict[str, Any]) -> web.Response:
        if any(container.name == name for container in self.containers.values()):
            return _error(409, f"The container name {name} is already in use")
        made = PaperContainer(name, body)
        self.containers[made.id] = made
        return web.json_response({"Id": made.id, "Warnings": []}, status=201)

    def _list(self, request: web.Request) -> web.Response:
        wanted = [text.partition("=")[::2] for text in orjson.loads(request.query["filters"])["label"]]
        found = [
            {"Id": item.id, "Labels": item.body["Labels"], "State": item.status}
            for item in self.containers.values()
            if all(item.body["Labels"].get(name) == value for name, value in wanted)
        ]
        return web.json_response(found)

    async def _container(
        self, method: str, container: PaperContainer, rest: list[str], request: web.Request
    ) -> web.StreamResponse:
        match [method, *rest]:
            case ["GET", "json"]:
                if self.away and container.status != "created":
                    self.away -= 1
                    return _error(500, "the daemon is going down")
                return web.json_response(container.inspected())
            case ["POST", "start"]:
                if self.start_error:
                    return _error(400, self.start_error)
                container.status = "running"
                self.ends(container)
                return web.Response(status=204)
            case ["POST", "stop"]:
                container.end(143)
                return web.Response(status=204)
            case ["DELETE"]:
                del self.containers[container.id]
                return web.Response(status=204)
            case ["GET", "logs"]:
                return await self._logs(container, request)
            case _:
                return _error(404, "page not found")

    async def _logs(self, container: PaperContainer, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(struct.pack(">BxxxL", 1, len(container.output)) + container.output)
        while container.status == "running":  # noqa: ASYNC110 - tests end it from another thread
            await asyncio.sleep(0.01)
        await response.write_eof()
        return response


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)
