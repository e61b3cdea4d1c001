"""What of a Kubernetes cluster a worker needs: jobs, pods, their changes and logs, as JSON of the cluster's API."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject

logger = logging.getLogger("ostinato.workers")

# Any below: JSON, and the package `kubernetes_asyncio`, which is imported late and says little of its types.

REQUEST_SECONDS: Final = 30.0
WATCH_SECONDS: Final = 240
"""How long the cluster keeps a watch open; then it is begun anew."""
PAUSES: Final = (0.2, 1.0, 3.0, 10.0)
"""Seconds before a request that failed is made again, and before a watch that broke is; the last one from then on."""
TRANSIENT: Final = frozenset({408, 429, 500, 502, 503, 504})


class ClusterError(Exception):
    """The cluster refused a request: its status and its own words."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Change:
    """What there is of a kind (`listed`), or one thing that was made, changed or, if `is_gone`, deleted."""

    items: list[JsonObject]
    is_listed: bool
    is_gone: bool = False


class Cluster:
    """Speaks with one cluster. Make it by `connected`."""

    def __init__(self, api_client: Any) -> None:
        package: Any = _package("client")
        self._jobs = package.BatchV1Api(api_client)
        self._core = package.CoreV1Api(api_client)
        self._errors: tuple[type[Exception], ...] = (importlib.import_module("aiohttp").ClientError, OSError)
        self._host: str = api_client.configuration.host
        self._uid: str | None = None

    async def uid(self) -> str:
        """Return what tells this cluster from others: the id of a namespace that all have, else its address."""
        if self._uid is None:
            try:
                system = await self._ask(self._core.read_namespace, "kube-system")
                self._uid = str(system["metadata"]["uid"])
            except ClusterError as error:
                if error.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
                    raise
                self._uid = self._host.rpartition("//")[2].replace(":", "-")
        return self._uid

    async def create_job(self, namespace: str, manifest: JsonObject) -> JsonObject:
        """Make a job. Raises ClusterError."""
        return await self._ask(self._jobs.create_namespaced_job, namespace, manifest)

    async def read_job(self, namespace: str, name: str) -> JsonObject | None:
        """Return a job; None if there is none. Raises ClusterError."""
        try:
            return await self._ask(self._jobs.read_namespaced_job, name, namespace)
        except ClusterError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def delete_job(self, namespace: str, name: str, grace_seconds: int) -> bool:
        """Delete a job and its pods, which have so long to end; whether there was one. Raises ClusterError."""
        options = {"grace_period_seconds": grace_seconds, "propagation_policy": "Foreground"}
        try:
            await self._ask(self._jobs.delete_namespaced_job, name, namespace, **options)
        except ClusterError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return False
            raise
        return True

    async def list_jobs(self, namespace: str, label_selector: str, limit: int) -> list[JsonObject]:
        """Return jobs with these labels. Raises ClusterError."""
        found = await self._ask(self._jobs.list_namespaced_job, namespace, label_selector=label_selector, limit=limit)
        return found["items"]

    async def list_pods(self, namespace: str, job: str) -> list[JsonObject]:
        """Return the pods of a job, the newest last. Raises ClusterError."""
        found = await self._ask(self._core.list_namespaced_pod, namespace, label_selector=f"job-name={job}")
        return sorted(found["items"], key=lambda pod: str(pod["metadata"].get("creationTimestamp")))

    def job_changes(self, namespace: str, name: str) -> AsyncGenerator[Change]:
        """Tell what becomes of a job, for ever."""
        return self._changes(self._jobs.list_namespaced_job, namespace, field_selector=f"metadata.name={name}")

    def pod_changes(self, namespace: str, job: str) -> AsyncGenerator[Change]:
        """Tell what becomes of the pods of a job, for ever."""
        return self._changes(self._core.list_namespaced_pod, namespace, label_selector=f"job-name={job}")

    async def pod_log(self, namespace: str, pod: str, container: str) -> AsyncGenerator[tuple[str, str]]:
        """Follow what a container prints: time and line. Ends with it, or where the connection breaks."""
        options = {"container": container, "follow": True, "timestamps": True}
        try:
            async with self._stream(self._core.read_namespaced_pod_log, pod, namespace, **options) as content:
                async for line in _lines(content):
                    time, _, text = line.decode(errors="replace").partition(" ")
                    yield time, text
        except (*self._errors, TimeoutError) as error:
            logger.debug("The log of a pod breaks off: %s", error)

    async def _changes(self, call: Any, namespace: str, **selector: str) -> AsyncGenerator[Change]:
        failures = 0
        while True:
            try:
                listed = await self._ask(call, namespace, **selector)
                failures = 0
                yield Change(listed["items"], is_listed=True)
                version: str = listed["metadata"]["resourceVersion"]
                options = {**selector, "watch": True, "resource_version": version, "timeout_seconds": WATCH_SECONDS}
                async with self._stream(call, namespace, **options) as content, aclosing(_lines(content)) as lines:
                    async for line in lines:
                        told = orjson.loads(line)
                        if told["type"] not in ("ADDED", "MODIFIED", "DELETED"):  # ERROR: too old a version
                            break
                        yield Change([told["object"]], is_listed=False, is_gone=told["type"] == "DELETED")
            except (ClusterError, *self._errors, TimeoutError, orjson.JSONDecodeError) as error:
                if isinstance(error, ClusterError) and error.status not in TRANSIENT | {HTTPStatus.GONE}:
                    raise
                logger.debug("A watch of the cluster breaks off (%s); it is begun anew.", error)
                failures += 1
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])

    @asynccontextmanager
    async def _stream(self, call: Any, *args: Any, **options: Any) -> AsyncGenerator[AsyncIterable[bytes]]:
        timeout = (REQUEST_SECONDS, WATCH_SECONDS + REQUEST_SECONDS)
        response = await call(*args, _preload_content=False, _request_timeout=timeout, **options)
        try:
            if response.status >= HTTPStatus.BAD_REQUEST:
                raise ClusterError(response.status, _words(await response.read(), response.reason))
            yield response.content.iter_any()
        finally:
            response.close()

    async def _ask(self, call: Any, *args: Any, **options: Any) -> JsonObject:
        """Make a request, a few times where the cluster does not answer. Raises ClusterError, or the last error."""
        for pause in PAUSES:
            try:
                return await self._ask_once(call, *args, **options)
            except (ClusterError, *self._errors, TimeoutError) as error:
                if isinstance(error, ClusterError) and error.status not in TRANSIENT:
                    raise
                logger.debug("The cluster does not answer (%s); it is asked again.", error)
            await asyncio.sleep(pause)
        return await self._ask_once(call, *args, **options)

    async def _ask_once(self, call: Any, *args: Any, **options: Any) -> JsonObject:
        response = await call(*args, _preload_content=False, _request_timeout=REQUEST_SECONDS, **options)
        content = await response.read()
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise ClusterError(response.status, _words(content, response.reason))
        return orjson.loads(content)


@asynccontextmanager
async def connected(config: Mapping[str, Any] | None) -> AsyncGenerator[Cluster]:
    """Connect by a block of cluster configuration; without one as a pod of the cluster, or by the user's kubeconfig.

    Raises ModuleNotFoundError without the package, its ConfigException where there is no cluster.
    """
    client: Any = _package("client")
    how: Any = _package("config")
    configuration = client.Configuration()
    if config is not None:
        context = config.get("context_name") or None
        await how.load_kube_config_from_dict(dict(config["config"]), context, client_configuration=configuration)
    else:
        try:
            how.load_incluster_config(client_configuration=configuration)
        except how.ConfigException:
            await how.load_kube_config(client_configuration=configuration)
    async with client.ApiClient(configuration) as api_client:
        yield Cluster(api_client)


def _package(part: str) -> Any:
    try:
        return importlib.import_module(f"kubernetes_asyncio.{part}")
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            'Kubernetes workers need the package `kubernetes_asyncio`: pip install "ostinato[kubernetes]"'
        ) from None


async def _lines(content: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
    """Yield lines of any length."""
    rest = b""
    async for chunk in content:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line:
                yield line
    if rest:
        yield rest


def _words(content: bytes, reason: str) -> str:
    try:
        return str(orjson.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        return content.decode(errors="replace")[:500] or reason
