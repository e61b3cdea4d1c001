"""`DockerWorker`: each run is a container. It needs the package `docker`: `pip install "ostinato[docker]"`."""

from __future__ import annotations

import asyncio
import importlib
import logging
import re
import sys
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from pydantic import Field

from ostinato.runner.cancellations import CancellationWatch
from ostinato.runner.reports import report_cancelled, report_crashed
from ostinato.settings import get_current_settings
from ostinato.workers.base import BaseWorker
from ostinato.workers.configuration import BaseJobConfiguration, BaseVariables
from ostinato.workers.results import BaseWorkerResult

if TYPE_CHECKING:
    from ostinato.client.orchestration import OstinatoClient
    from ostinato.workers.results import TaskStatus
    from ostinato_wire.base import JsonObject
    from ostinato_wire.flow_runs import FlowRun

logger = logging.getLogger("ostinato.workers")

ASK_EVERY = 1.0
"""Seconds between two looks at a container."""
CANCEL_WITHIN = 45.0
"""Seconds in which a run must have cancelled itself; then its container is stopped."""
STOP_SECONDS = 30
CONFLICT = 409
LONGEST_NAME = 250
NAME_TRIES = 20
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})
PullPolicy = Literal["IfNotPresent", "Always", "IfPossible", "Never"]


class Container(Protocol):
    """What of a container of the package `docker` is used here."""

    id: str
    status: str
    attrs: Mapping[str, Any]  # Any: JSON

    def start(self) -> None:
        """Start it."""

    def reload(self) -> None:
        """Ask the daemon for `status` and `attrs`."""

    def stop(self, timeout: int) -> None:
        """Send SIGTERM, and SIGKILL after `timeout` seconds."""

    def logs(self, stream: bool, follow: bool) -> Iterable[bytes]:
        """Return what it prints."""
        ...


class Containers(Protocol):
    """The containers of a daemon."""

    def create(self, image: str, command: str | list[str] | None = None, **options: Any) -> Container:
        """Make a container; options are those of the package `docker`."""
        ...

    def get(self, container_id: str) -> Container:
        """Return a container."""
        ...


class Images(Protocol):
    """The images of a daemon."""

    def get(self, name: str) -> object:
        """Return an image. Raises an error of the package `docker` if it is not here."""
        ...

    def pull(self, repository: str, **options: Any) -> object:
        """Fetch an image."""
        ...


class Docker(Protocol):
    """A client of a docker daemon."""

    @property
    def containers(self) -> Containers:
        """Its containers."""
        ...

    @property
    def images(self) -> Images:
        """Its images."""
        ...


class DockerVariables(BaseVariables):
    """What deployments may say of their containers."""

    image: str | None = Field(default=None, description="Image of the container; it must hold the flow's packages.")
    image_pull_policy: PullPolicy | None = Field(default=None, description="When the image is fetched.")
    registry_credentials: dict[str, Any] | None = Field(default=None, description="Access to the image's registry.")
    networks: list[str] = Field(default_factory=list, description="Networks that the container joins.")
    network_mode: str | None = Field(default=None, description="Network mode of the container, such as host.")
    volumes: list[str] = Field(default_factory=list, description="Volumes as <on the host>:<in the container>.")
    auto_remove: bool = Field(default=False, description="Remove the container when it has ended.")
    stream_output: bool = Field(default=True, description="Print what the run prints.")
    mem_limit: str | None = Field(default=None, description="Most memory, with a unit: 512m.")
    memswap_limit: str | None = Field(default=None, description="Most memory and swap together.")
    privileged: bool = Field(default=False, description="Give the container the host's rights.")
    container_create_kwargs: dict[str, Any] | None = Field(default=None, description="Further options of docker.")


class DockerJobConfiguration(BaseJobConfiguration):
    """What a container is made of."""

    image: str | None = None
    image_pull_policy: PullPolicy | None = None
    registry_credentials: dict[str, Any] | None = None
    networks: list[str] = Field(default_factory=list)
    network_mode: str | None = None
    volumes: list[str] = Field(default_factory=list)
    auto_remove: bool = False
    stream_output: bool = True
    mem_limit: str | None = None
    memswap_limit: str | None = None
    privileged: bool = False
    container_create_kwargs: dict[str, Any] | None = None

    def pulls(self) -> PullPolicy:
        """Return when the image is fetched; by default always if its tag moves."""
        if self.image_pull_policy is not None:
            return self.image_pull_policy
        name = (self.image or "").rpartition("/")[2]
        fixed = "@" in name or (":" in name and not name.endswith(":latest"))
        return "IfNotPresent" if fixed else "Always"

    def options(self, platform: str = sys.platform) -> JsonObject:
        """Return the options by which the package `docker` makes the container."""
        env = {name: value for name, value in self.env.items() if value is not None}
        network_mode = self.network_mode
        for variable in ("OSTINATO_API_URL", "PREFECT_API_URL"):
            if _is_local(env.get(variable)) and not self.networks and network_mode in (None, "host"):
                if platform == "linux":
                    network_mode = "host"
                else:
                    env[variable] = _host_of_docker(env[variable])
        options: JsonObject = {
            "environment": env,
            "labels": {_label(name): value for name, value in self.labels.items()},
            "volumes": list(self.volumes),
            "auto_remove": self.auto_remove,
            "network": self.networks[0] if self.networks else None,
            "network_mode": network_mode,
            "mem_limit": self.mem_limit,
            "memswap_limit": self.memswap_limit,
            "privileged": self.privileged,
            **(self.container_create_kwargs or {}),
        }
        return {name: value for name, value in options.items() if value is not None}


def _is_local(url: str | None) -> bool:
    return url is not None and urlsplit(url).hostname in LOCAL_HOSTS


def _host_of_docker(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=re.sub(r"localhost|127\.0\.0\.1", "host.docker.internal", parts.netloc)))


def _label(name: str) -> str:
    """Return a label as docker has them: its namespace reversed, `prefect.io/x` as `io.prefect.x`."""
    namespace, slash, rest = name.partition("/")
    return f"{'.'.join(reversed(namespace.split('.')))}.{rest}" if slash else name


def container_name(text: str | None) -> str | None:
    """Return a text as a container may be named."""
    name = re.sub(r"[^a-zA-Z0-9_.-]+", "-", text or "").strip("-_.")
    return name[:LONGEST_NAME] or None


class DockerWorker(BaseWorker[DockerJobConfiguration]):
    """Runs flows in containers, which outlive it. `docker` is a client of a daemon; by default of the environment's."""

    type: ClassVar[str] = "docker"
    job_configuration: ClassVar[type[BaseJobConfiguration]] = DockerJobConfiguration
    job_configuration_variables: ClassVar[type[BaseVariables]] = DockerVariables

    def __init__(self, work_pool_name: str, *args: Any, docker: Docker | None = None, **options: Any) -> None:
        super().__init__(work_pool_name, *args, **options)
        self._docker = docker or _docker_of_environment()
        self._containers: dict[UUID, Container] = {}
        self._cancelled: set[UUID] = set()
        self._stops: set[asyncio.Task[None]] = set()
        self._cancel_within = CANCEL_WITHIN
        self._ask_every = ASK_EVERY

    async def setup(self, client: OstinatoClient) -> None:
        """Begin to watch for cancellations."""
        self._watch = asyncio.create_task(CancellationWatch(client, lambda: list(self._containers), self.cancel).run())

    async def teardown(self) -> None:
        """Let the containers go on by themselves: their runs tell the server how they end."""
        waiting = [self._watch, *self._stops, *self._runs.tasks()]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def cancel(self, run_id: UUID) -> None:
        """Stop the container of a run if the run, which learns of it itself, does not end in time."""
        if run_id in self._cancelled or run_id not in self._containers:
            return
        self._cancelled.add(run_id)
        task = asyncio.create_task(self._stop_later(run_id))
        self._stops.add(task)
        task.add_done_callback(self._stops.discard)

    async def _stop_later(self, run_id: UUID) -> None:
        await asyncio.sleep(self._cancel_within)
        container = self._containers.get(run_id)
        if container is not None:
            logger.warning("Flow run '%s' did not cancel itself: its container is stopped.", run_id)
            await asyncio.to_thread(container.stop, STOP_SECONDS)

    async def run(
        self, flow_run: FlowRun, configuration: DockerJobConfiguration, task_status: TaskStatus
    ) -> BaseWorkerResult:
        """Make and start the container and wait until it has ended."""
        container = await asyncio.to_thread(self._create, configuration)
        identifier = f"{_base_url(self._docker)}:{container.id}"
        await asyncio.to_thread(container.start)
        self._containers[flow_run.id] = container
        task_status.started(identifier)
        if configuration.stream_output:
            threading.Thread(target=_print_logs, args=(container,), daemon=True).start()
        try:
            status, why = await self._wait(container)
        finally:
            self._containers.pop(flow_run.id, None)
        if status and flow_run.id in self._cancelled:
            await report_cancelled(flow_run)
        elif why:
            await report_crashed(flow_run, why)
        was_told = bool(status and (why or flow_run.id in self._cancelled))
        self._cancelled.discard(flow_run.id)
        return BaseWorkerResult(status, identifier, was_told)

    def _create(self, configuration: DockerJobConfiguration) -> Container:
        image = configuration.image
        if not image:
            raise ValueError("The job has no image: set the job variable `image` of the deployment.")
        self._fetch(image, configuration)
        name = container_name(configuration.name)
        for number in range(NAME_TRIES):
            numbered = name if not number or name is None else f"{name}-{number}"
            try:
                made = self._docker.containers.create(
                    image, configuration.command, name=numbered, detach=True, **configuration.options()
                )
            except Exception as error:  # the package `docker` may be missing: its classes cannot be named
                if getattr(error, "status_code", None) != CONFLICT:
                    raise
            else:
                return made
        raise RuntimeError(f"The name {name!r} of the container is taken, and so are {NAME_TRIES - 1} like it.")

    def _fetch(self, image: str, configuration: DockerJobConfiguration) -> None:
        policy = configuration.pulls()
        if policy == "Never" or (policy == "IfNotPresent" and self._has(image)):
            return
        credentials = configuration.registry_credentials
        access = {"auth_config": credentials} if credentials else {}
        try:
            self._docker.images.pull(image, **access)
        except Exception as error:
            if policy != "IfPossible":
                raise
            logger.warning("Image %s could not be fetched (%s); the one that is here is used.", image, error)

    def _has(self, image: str) -> bool:
        try:
            self._docker.images.get(image)
        except Exception as error:
            if getattr(error, "status_code", None) == 404:
                return False
            raise
        return True

    async def _wait(self, container: Container) -> tuple[int, str | None]:
        """Return the exit status, and why it is what it is if docker knows; 0 for one that was removed at its end."""
        while True:
            try:
                await asyncio.to_thread(container.reload)
            except Exception as error:
                if getattr(error, "status_code", None) == 404:  # `auto_remove`: the run has told how it ended
                    return 0, None
                raise
            if container.status in ("exited", "dead"):
                state: Mapping[str, Any] = container.attrs.get("State") or {}
                status = int(state.get("ExitCode") or 0)
                out_of_memory = "The container was killed because it used more memory than it may (OOM)."
                return status, out_of_memory if state.get("OOMKilled") and status else None
            await asyncio.sleep(self._ask_every)

    async def kill_infrastructure(
        self, infrastructure_pid: str, configuration: DockerJobConfiguration, grace_seconds: int = 30
    ) -> None:
        """Stop the container. Raises an error of the package `docker` if there is none."""
        container = await asyncio.to_thread(self._docker.containers.get, infrastructure_pid.rpartition(":")[2])
        await asyncio.to_thread(container.stop, grace_seconds)


def _docker_of_environment() -> Docker:
    try:
        docker: Any = importlib.import_module("docker")
    except ModuleNotFoundError:
        raise ModuleNotFoundError('Docker workers need the package `docker`: pip install "ostinato[docker]"') from None
    return docker.from_env(timeout=get_current_settings().api.request_timeout)


def _base_url(docker: Docker) -> str:
    return str(getattr(getattr(docker, "api", None), "base_url", "docker"))


def _print_logs(container: Container) -> None:
    try:
        for chunk in container.logs(stream=True, follow=True):
            sys.stdout.write(chunk.decode(errors="replace"))
            sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 - the package `docker` may be missing: its classes cannot be named
        logger.warning("The output of a container cannot be read any more: %s", error)
