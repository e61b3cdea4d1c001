"""Containers of runs, with a docker that exists in memory."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from ostinato.settings import temporary_settings
from ostinato.workers import docker as docker_worker
from ostinato.workers.docker import DockerJobConfiguration, DockerWorker, container_name
from ostinato.workers.results import TaskStatus
from ostinato_wire.flow_runs import FlowRun


class DockerError(Exception):
    def __init__(self, status_code: int) -> None:
        super().__init__(f"status {status_code}")
        self.status_code = status_code


@dataclass
class Box:
    """A container that ends when it is looked at for the second time, or is stopped."""

    id: str = "abc"
    status: str = "created"
    attrs: dict[str, Any] = field(default_factory=dict[str, Any])
    ends: bool = True
    end: dict[str, Any] = field(default_factory=lambda: {"ExitCode": 0})
    looks: int = 0

    def start(self) -> None:
        self.status = "running"

    def reload(self) -> None:
        self.looks += 1
        if self.looks > 1 and self.ends:
            self.status, self.attrs = "exited", {"State": self.end}

    def stop(self, timeout: int) -> None:
        self.ends = True

    def logs(self, stream: bool, follow: bool) -> Iterable[bytes]:
        return [b"line\n"]


class Daemon:
    """A docker with some images and names that are taken."""

    def __init__(self, box: Box, images: tuple[str, ...] = (), taken: tuple[str, ...] = ()) -> None:
        self.box, self.here, self.taken = box, images, taken
        self.pulled: list[str] = []
        self.made: dict[str, Any] = {}
        self.containers = SimpleNamespace(create=self._create)
        self.images = SimpleNamespace(get=self._image, pull=self.pulled.append)
        self.api = SimpleNamespace(base_url="unix://docker")

    def _create(self, image: str, command: str | None = None, **options: Any) -> Box:
        if options["name"] in self.taken:
            raise DockerError(409)
        self.made = {"image": image, "command": command, **options}
        return self.box

    def _image(self, name: str) -> object:
        if name not in self.here:
            raise DockerError(404)
        return name


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the server was told of runs."""
    told: list[str] = []

    async def crashed(run: FlowRun, message: str) -> None:
        told.append(f"crashed: {message}")

    async def cancelled(run: FlowRun, message: str = "") -> None:
        told.append("cancelled")

    monkeypatch.setattr(docker_worker, "report_crashed", crashed)
    monkeypatch.setattr(docker_worker, "report_cancelled", cancelled)
    return told


def run_of() -> FlowRun:
    return FlowRun(id=uuid4(), created=None, updated=None, name="brave fox", flow_id=uuid4())


def worker_on(daemon: Daemon) -> DockerWorker:
    any_daemon: Any = daemon
    worker = DockerWorker("pool", docker=any_daemon)
    worker._ask_every = 0.001  # pyright: ignore[reportPrivateUsage] - tests do not wait
    worker._cancel_within = 0.001  # pyright: ignore[reportPrivateUsage] - as above
    return worker


def configuration(**members: Any) -> DockerJobConfiguration:
    return DockerJobConfiguration(image="flows:1", name="brave fox", command="ostinato flow-run execute", **members)


async def test_a_container_is_made_as_the_job_says_and_waited_for(told: list[str]) -> None:
    daemon, status = Daemon(Box()), TaskStatus()
    job = configuration(
        env={"A": "b", "GONE": None}, labels={"prefect.io/flow-run-id": "7"}, volumes=["/data:/data"],
        networks=["inside"], mem_limit="1g", container_create_kwargs={"shm_size": "64m"}, stream_output=False,
    )  # fmt: skip
    result = await worker_on(daemon).run(run_of(), job, status)
    assert (result.status_code, result.identifier, result.was_told) == (0, "unix://docker:abc", False)
    assert await status.identifier() == "unix://docker:abc"
    assert daemon.pulled == ["flows:1"]
    assert daemon.made == {
        "image": "flows:1", "command": "ostinato flow-run execute", "name": "brave-fox", "detach": True,
        "environment": {"A": "b"}, "labels": {"io.prefect.flow-run-id": "7"}, "volumes": ["/data:/data"],
        "auto_remove": False, "network": "inside", "mem_limit": "1g", "privileged": False, "shm_size": "64m",
    }  # fmt: skip
    assert told == []


async def test_a_taken_name_is_numbered(told: list[str]) -> None:
    daemon = Daemon(Box(), taken=("brave-fox", "brave-fox-1"))
    await worker_on(daemon).run(run_of(), configuration(), TaskStatus())
    assert daemon.made["name"] == "brave-fox-2"


async def test_a_container_that_used_too_much_memory_is_a_crash_that_says_so(told: list[str]) -> None:
    box = Box(end={"ExitCode": 137, "OOMKilled": True})
    result = await worker_on(Daemon(box)).run(run_of(), configuration(), TaskStatus())
    assert (result.status_code, result.was_told) == (137, True)
    assert "more memory" in told[0]


async def test_a_run_that_does_not_cancel_itself_is_stopped(told: list[str]) -> None:
    box, run = Box(ends=False, end={"ExitCode": 143}), run_of()
    worker, status = worker_on(Daemon(box)), TaskStatus()
    running = asyncio.create_task(worker.run(run, configuration(), status))
    await status.identifier()
    await worker.cancel(run.id)
    result = await running
    assert (result.status_code, result.was_told, told) == (143, True, ["cancelled"])


async def test_a_job_without_an_image_is_refused(told: list[str]) -> None:
    with pytest.raises(ValueError, match="no image"):
        await worker_on(Daemon(Box())).run(run_of(), DockerJobConfiguration(), TaskStatus())


@pytest.mark.parametrize(
    ("image", "policy", "pulled"),
    [
        ("here:1", None, False),
        ("gone:1", None, True),
        ("here", None, True),
        ("registry:5000/here", None, True),
        ("here:1", "Always", True),
        ("gone:1", "Never", False),
    ],
)
async def test_an_image_is_fetched_by_its_policy(image: str, policy: Any, pulled: bool, told: list[str]) -> None:
    daemon = Daemon(Box(), images=("here:1",))
    job = DockerJobConfiguration(image=image, image_pull_policy=policy)
    await worker_on(daemon).run(run_of(), job, TaskStatus())
    assert bool(daemon.pulled) is pulled


def test_a_server_of_this_machine_is_reached_from_within() -> None:
    local = configuration(env={"OSTINATO_API_URL": "http://127.0.0.1:4200/api"})
    assert local.options("linux")["network_mode"] == "host"
    elsewhere = local.options("darwin")
    assert elsewhere["environment"]["OSTINATO_API_URL"] == "http://host.docker.internal:4200/api"
    assert "network_mode" not in configuration(env={"OSTINATO_API_URL": "http://server/api"}).options("linux")


def test_names_of_containers_have_no_strange_characters() -> None:
    assert container_name("Große Füchse/7") == "Gro-e-F-chse-7"
    assert container_name("") is None
    assert len(container_name("x" * 400) or "") == 250


def test_without_the_package_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "docker", None)
    with (
        temporary_settings({"api.url": "http://127.0.0.1:9/api"}),
        pytest.raises(ModuleNotFoundError, match=r"ostinato\[docker\]"),
    ):
        DockerWorker("pool")
