"""`DockerWorker`: each run is a container. It needs the package `docker`: `pip install "ostinato[docker]"`."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from ostinato.exceptions import InfrastructureNotAvailable, InfrastructureNotFound
from ostinato.workers.base import BaseWorker
from ostinato.workers.configuration import BaseJobConfiguration, BaseVariables
from ostinato.workers.docker_client import Container, Docker, base_url, docker_of_environment, status_of
from ostinato.workers.docker_configuration import (
    AUTO_REMOVE,
    DockerJobConfiguration,
    DockerVariables,
    container_name,
    label,
)
from ostinato.workers.held import LeftRun
from ostinato.workers.results import BaseWorkerResult

if TYPE_CHECKING:
    from ostinato.workers.results import TaskStatus
    from ostinato_wire.flow_runs import FlowRun

logger = logging.getLogger("ostinato.workers")

ASK_EVERY = 1.0
"""Seconds between two looks at a container."""
AWAY_SECONDS = 300.0
"""How long the daemon may be away before its containers are taken for lost."""
LOG_SECONDS = 10.0
"""How long the rest of the output may take to arrive when its container has ended."""
CONFLICT = 409
GONE = 404
NAME_TRIES = 20
MOST_LEFT = 200
KILLED = 137


class DockerWorker(BaseWorker[DockerJobConfiguration]):
    """Runs flows in containers, which outlive it: what it left is taken up by the next worker of its name or pool.

    `docker` is a client of a daemon; by default of the environment's.
    """

    type: ClassVar[str] = "docker"
    job_configuration: ClassVar[type[BaseJobConfiguration]] = DockerJobConfiguration
    job_configuration_variables: ClassVar[type[BaseVariables]] = DockerVariables
    distribution: ClassVar[str | None] = "docker"

    def __init__(self, work_pool_name: str, *args: Any, docker: Docker | None = None, **options: Any) -> None:
        super().__init__(work_pool_name, *args, **options)
        self._docker = docker or docker_of_environment()
        self._ask_every = ASK_EVERY

    async def run(
        self, flow_run: FlowRun, configuration: DockerJobConfiguration, task_status: TaskStatus
    ) -> BaseWorkerResult:
        """Make and start the container and wait until it has ended."""
        container = await asyncio.to_thread(self._create, configuration)
        try:
            await asyncio.to_thread(container.start)
        except Exception:
            await asyncio.to_thread(container.remove, v=True, force=True)
            raise
        identifier = self._identifier(container)
        task_status.started(identifier)
        printing = _stream(container) if configuration.stream_output else None
        result = await self._wait(container, identifier)
        if printing is not None:
            await asyncio.to_thread(printing.join, LOG_SECONDS)
        return result

    def _identifier(self, container: Container) -> str:
        return f"{base_url(self._docker)}:{container.id}"

    def _create(self, configuration: DockerJobConfiguration) -> Container:
        image = configuration.image
        if not image:
            raise ValueError("The job has no image: set the job variable `image` of the deployment.")
        self._fetch(image, configuration)
        made = self._create_named(image, configuration)
        try:
            for network in configuration.networks[1:]:  # a container is made in one
                self._docker.networks.get(network).connect(made)
        except Exception:
            made.remove(v=True, force=True)
            raise
        return made

    def _create_named(self, image: str, configuration: DockerJobConfiguration) -> Container:
        name = container_name(configuration.name)
        for number in range(NAME_TRIES):
            numbered = name if not number or name is None else f"{name}-{number}"
            try:
                return self._docker.containers.create(
                    image, configuration.command, name=numbered, detach=True, **configuration.options()
                )
            except Exception as error:
                if status_of(error) != CONFLICT:
                    raise
        raise RuntimeError(f"The name {name!r} of the container is taken, and so are {NAME_TRIES - 1} like it.")

    def _fetch(self, image: str, configuration: DockerJobConfiguration) -> None:
        policy = configuration.pulls()
        if policy == "Never" or (policy == "IfNotPresent" and self._has(image)):
            return
        access = configuration.access()
        try:
            self._docker.images.pull(image, **({"auth_config": access} if access else {}))
        except Exception as error:
            if policy != "IfPossible":
                raise
            logger.warning("Image %s could not be fetched (%s); the one that is here is used.", image, error)

    def _has(self, image: str) -> bool:
        try:
            self._docker.images.get(image)
        except Exception as error:
            if status_of(error) == GONE:
                return False
            raise
        return True

    async def _wait(self, container: Container, identifier: str) -> BaseWorkerResult:
        """Wait until the container has ended; return how, and why as far as docker knows."""
        seen = time.monotonic()
        while True:
            try:
                await asyncio.to_thread(container.reload)
                seen = time.monotonic()
            except Exception as error:
                if status_of(error) == GONE:
                    return BaseWorkerResult(KILLED, identifier, reason="The container was removed from outside.")
                if time.monotonic() - seen > AWAY_SECONDS:
                    raise
                logger.warning("Docker does not tell of a container (%s); it is asked again.", error)
            else:
                if container.status in ("exited", "dead"):
                    return await self._ended(container, identifier)
            await asyncio.sleep(self._ask_every)

    async def _ended(self, container: Container, identifier: str) -> BaseWorkerResult:
        state: Mapping[str, Any] = container.attrs.get("State") or {}
        status = int(state.get("ExitCode") or 0)
        reason = _reason(state, container.attrs.get("HostConfig") or {}) if status else None
        made_of: Mapping[str, Any] = container.attrs.get("Config") or {}
        if AUTO_REMOVE in (made_of.get("Labels") or {}):
            await asyncio.to_thread(_remove, container)
        return BaseWorkerResult(status, identifier, reason=reason)

    async def find_left(self) -> list[LeftRun]:
        """Return the runs of this pool's newest containers on this daemon."""
        if self.work_pool is None:
            return []
        wanted = {"label": f"{label('prefect.io/work-pool-id')}={self.work_pool.id}"}
        found = await asyncio.to_thread(
            self._docker.containers.list, all=True, limit=MOST_LEFT, sparse=True, filters=wanted
        )
        left: list[LeftRun] = []
        for container in found:
            labels: Mapping[str, str] = container.attrs.get("Labels") or {}
            run_id, worker = labels.get(label("prefect.io/flow-run-id")), labels.get(label("prefect.io/worker-name"))
            if run_id and worker:
                left.append(LeftRun(UUID(run_id), worker, self._identifier(container)))
        return left

    async def follow(self, flow_run: FlowRun, identifier: str) -> BaseWorkerResult:
        """Wait until the container has ended."""
        container = await asyncio.to_thread(self._docker.containers.get, identifier.rpartition(":")[2])
        return await self._wait(container, identifier)

    async def kill_infrastructure(
        self, infrastructure_pid: str, configuration: DockerJobConfiguration, grace_seconds: int = 30
    ) -> None:
        """Stop the container. Raises InfrastructureNotFound; InfrastructureNotAvailable if another daemon has it."""
        daemon, _, container_id = infrastructure_pid.rpartition(":")
        if daemon != base_url(self._docker):
            raise InfrastructureNotAvailable(f"The container is of the daemon {daemon!r}.")
        try:
            container = await asyncio.to_thread(self._docker.containers.get, container_id)
        except Exception as error:
            if status_of(error) == GONE:
                raise InfrastructureNotFound(f"There is no container {container_id!r}.") from error
            raise
        await asyncio.to_thread(container.stop, timeout=grace_seconds)


def _reason(state: Mapping[str, Any], host: Mapping[str, Any]) -> str | None:  # Any: JSON
    if state.get("OOMKilled"):
        limit = int(host.get("Memory") or 0)
        most = f", {limit / 2**20:g} MiB" if limit else ""
        return f"The container was killed because it used more memory than it may (OOM{most})."
    return str(state["Error"]) if state.get("Error") else None


def _remove(container: Container) -> None:
    try:
        container.remove(v=True, force=False)
    except Exception as error:  # noqa: BLE001 - the package `docker` may be missing: its classes cannot be named
        logger.warning("A container that has ended could not be removed: %s", error)


def _stream(container: Container) -> threading.Thread:
    """Print what a container prints, in a thread of its own: it reads for as long as the container goes on."""
    thread = threading.Thread(target=_print_logs, args=(container,), daemon=True)
    thread.start()
    return thread


def _print_logs(container: Container) -> None:
    try:
        for chunk in container.logs(stream=True, follow=True):
            sys.stdout.write(chunk.decode(errors="replace"))
            sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 - the package `docker` may be missing: its classes cannot be named
        logger.warning("The output of a container cannot be read any more: %s", error)
