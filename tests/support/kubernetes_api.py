"""The HTTP API of a Kubernetes cluster whose pods only exist on paper, for the real client of it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from aiohttp import web

from tests.support.stub_api import PaperApi

# Any below: JSON of the cluster's API.

Reaction = Callable[["PaperCluster", dict[str, Any]], None]
UID = "5e3a1c52-cluster"


def runs_well(cluster: "PaperCluster", job: dict[str, Any]) -> None:
    """A pod of the job runs and ends well."""
    cluster.pod(job, "Running")
    cluster.pod(job, "Succeeded")
    cluster.end_job(job, "Complete")


@dataclass
class PaperCluster(PaperApi):
    """The cluster. `react` is called with each job that is made; tests move pods and jobs on by `pod` and `end_job`."""

    react: Reaction = runs_well
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    pods: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    made: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    deletions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    log: list[str] = field(default_factory=lambda: ["2026-01-01T00:00:00.1Z one", "2026-01-01T00:00:00.2Z two"])
    events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list[tuple[str, str, dict[str, Any]]])
    broken_watches: int = 0
    """So many watches are cut before they tell anything; each second one says that its version is too old."""
    broken_logs: int = 0
    """So many logs are cut after the first line."""
    refusal: tuple[int, str] | None = None
    """What is answered to who makes a job."""
    failures: int = 0
    """So many requests are answered by 503."""
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def block(self) -> dict[str, Any]:
        """The data of a block with the access to it."""
        return {
            "config": {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": {"server": self.url}}],
                "users": [{"name": "u", "user": {"token": "letmein"}}],
                "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "x",
            },
            "context_name": "x",
        }

    def pod(self, job: dict[str, Any], phase: str, **status: Any) -> None:
        """Make a pod of a job, or move it on."""
        name = f"{job['metadata']['name']}-pod"
        known = name in self.pods
        self.pods[name] = {
            "metadata": {
                "name": name,
                "creationTimestamp": datetime.now(UTC).isoformat(),
                "labels": {"job-name": job["metadata"]["name"]},
            },
            "spec": {"containers": [{"name": "prefect-job"}]},
            "status": {"phase": phase, **status},
        }
        self._tell("pods", "MODIFIED" if known else "ADDED", self.pods[name])

    def end_job(self, job: dict[str, Any], type_: str, **condition: Any) -> None:
        """Let a job have ended: `Complete` or `Failed`."""
        job["status"] = {"conditions": [{"type": type_, "status": "True", **condition}]}
        self._tell("jobs", "MODIFIED", job)

    def fail(
        self, job: dict[str, Any], exit_code: int, reason: str = "Error", of_pod: dict[str, Any] | None = None
    ) -> None:
        """Let the pod of a job fail, and the job with it."""
        ended = {"state": {"terminated": {"exitCode": exit_code, "reason": reason}}}
        self.pod(job, "Failed", containerStatuses=[ended], **(of_pod or {}))
        self.end_job(
            job, "Failed", reason="BackoffLimitExceeded", message="Job has reached the specified backoff limit"
        )

    def delete(self, name: str) -> None:
        """Delete a job and its pods."""
        job = self.jobs.pop(name)
        self.pods.pop(f"{name}-pod", None)
        self._tell("jobs", "DELETED", job)

    def _tell(self, kind: str, type_: str, item: dict[str, Any]) -> None:
        self.events.append((kind, type_, item))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Bearer letmein":
            return _error(401, "Unauthorized")
        if self.failures:
            self.failures -= 1
            return _error(503, "the server is currently unable to handle the request")
        match [request.method, *request.path.strip("/").split("/")]:
            case ["GET", "api", "v1", "namespaces", "kube-system"]:
                return web.json_response({"metadata": {"uid": UID}})
            case ["POST", "apis", "batch", "v1", "namespaces", namespace, "jobs"]:
                return self._make(namespace, await request.json())
            case ["GET", "apis", "batch", "v1", "namespaces", _, "jobs"]:
                return await self._list("jobs", self.jobs, request)
            case ["GET", "apis", "batch", "v1", "namespaces", _, "jobs", name] if name in self.jobs:
                return web.json_response(self.jobs[name])
            case ["DELETE", "apis", "batch", "v1", "namespaces", _, "jobs", name] if name in self.jobs:
                self.deletions.append(dict(request.query))
                self.delete(name)
                return web.json_response({"kind": "Status", "status": "Success"})
            case ["GET", "api", "v1", "namespaces", _, "pods"]:
                return await self._list("pods", self.pods, request)
            case ["GET", "api", "v1", "namespaces", _, "pods", _, "log"]:
                return await self._log(request)
            case _:
                return _error(404, f"not found: {request.path}")

    def _make(self, namespace: str, manifest: dict[str, Any]) -> web.Response:
        if self.refusal:
            return _error(*self.refusal)
        about = manifest["metadata"]
        about.setdefault("name", f"{about.get('generateName')}{next(self._numbers):05}")
        about["namespace"] = namespace
        self.made.append(manifest)
        self.jobs[about["name"]] = manifest
        self._tell("jobs", "ADDED", manifest)
        self.react(self, manifest)
        return web.json_response(manifest, status=201)

    async def _list(self, kind: str, items: dict[str, dict[str, Any]], request: web.Request) -> web.StreamResponse:
        def fits(item: dict[str, Any]) -> bool:
            about = item["metadata"]
            labels = dict(text.split("=") for text in request.query.get("labelSelector", "").split(",") if text)
            name = request.query.get("fieldSelector", "").partition("=")[2]
            own: dict[str, str] = about.get("labels") or {}
            return (not name or about["name"] == name) and all(own.get(key) == value for key, value in labels.items())

        if "watch" not in request.query:
            found = [item for item in items.values() if fits(item)]
            return web.json_response({"items": found, "metadata": {"resourceVersion": str(len(self.events))}})
        return await self._watch(kind, fits, request)

    async def _watch(
        self, kind: str, fits: Callable[[dict[str, Any]], bool], request: web.Request
    ) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        if self.broken_watches:
            self.broken_watches -= 1
            if self.broken_watches % 2:
                gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}}
                await response.write(json.dumps(gone).encode() + b"\n")
                return response
            assert request.transport is not None
            request.transport.abort()
            return response
        position = int(request.query["resourceVersion"])
        while True:
            for of_kind, type_, item in self.events[position:]:
                if of_kind == kind and fits(item):
                    line = json.dumps({"type": type_, "object": item}).encode() + b"\n"
                    await response.write(line[:7])  # a chunk is not a line
                    await response.write(line[7:])
            position = len(self.events)
            await asyncio.sleep(0.01)

    async def _log(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for line in self.log:
            await response.write(f"{line}\n".encode())
            if self.broken_logs:
                self.broken_logs -= 1
                break
        return response


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"kind": "Status", "status": "Failure", "message": message, "code": status}, status=status)
