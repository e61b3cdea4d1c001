"""Containers of runs: the real client of docker, and a daemon that exists on paper."""

import asyncio
import base64
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import docker
import orjson
import pytest
from docker.errors import APIError, NotFound

from ostinato.exceptions import InfrastructureNotAvailable, InfrastructureNotFound
from ostinato.settings import temporary_settings
from ostinato.workers.docker import DockerWorker
from ostinato.workers.docker_configuration import DockerJobConfiguration, container_name
from ostinato.workers.results import BaseWorkerResult, TaskStatus
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.work_pools import WorkPool
from tests.support.docker_api import PaperContainer, PaperDocker

RUN = FlowRun(id=uuid4(), created=None, updated=None, name="brave fox", flow_id=uuid4())


@pytest.fixture
def daemon() -> Iterator[PaperDocker]:
    with PaperDocker().serving() as daemon:
        yield daemon


@pytest.fixture
def worker(daemon: PaperDocker) -> Iterator[DockerWorker]:
    client: Any = docker.DockerClient(base_url=daemon.url, version="auto")
    made = DockerWorker("pool", docker=client, name="w")
    made._ask_every = 0.01  # pyright: ignore[reportPrivateUsage] - tests do not wait
    yield made
    client.close()


def configuration(**members: Any) -> DockerJobConfiguration:
    given: dict[str, Any] = {"image": "flows:1", "name": "brave fox", "command": "ostinato flow-run execute", **members}
    return DockerJobConfiguration(**given)


async def ran(worker: DockerWorker, **members: Any) -> BaseWorkerResult:
    return await worker.run(RUN, configuration(**members), TaskStatus())


async def test_a_container_is_made_as_the_job_says_and_waited_for(daemon: PaperDocker, worker: DockerWorker) -> None:
    status = TaskStatus()
    job = configuration(
        env={"A": "b", "GONE": None}, labels={"prefect.io/flow-run-id": "7"}, volumes=["/data:/data"],
        networks=["inside", "outside"], mem_limit="1g", memswap_limit="2g", privileged=True,
        container_create_kwargs={"shm_size": "64m", "hostname": "fox"},
    )  # fmt: skip
    result = await worker.run(RUN, job, status)
    made = daemon.only
    assert (result.status_code, result.identifier) == (0, f"{daemon.url}:{made.id}")
    assert await status.identifier() == result.identifier
    assert made.name == "brave-fox"
    assert made.body["Cmd"] == ["ostinato", "flow-run", "execute"]
    assert (made.body["Image"], made.body["Hostname"], made.body["Env"]) == ("flows:1", "fox", ["A=b"])
    assert made.body["Labels"] == {"io.prefect.flow-run-id": "7"}
    host = made.body["HostConfig"]
    assert (host["Memory"], host["MemorySwap"], host["Privileged"]) == (2**30, 2**31, True)
    assert (host["Binds"], host["ShmSize"], host["NetworkMode"]) == (["/data:/data"], 64 * 2**20, "inside")
    assert daemon.connections == [("outside", made.id)]


async def test_what_it_prints_is_printed_before_it_is_told_to_have_ended(
    daemon: PaperDocker, worker: DockerWorker, capsys: pytest.CaptureFixture[str]
) -> None:
    await ran(worker, stream_output=False)
    assert capsys.readouterr().out == ""
    await ran(worker)
    assert capsys.readouterr().out == "a line\n"


async def test_a_taken_name_is_numbered(daemon: PaperDocker, worker: DockerWorker) -> None:
    for _ in range(3):
        await ran(worker)
    assert [container.name for container in daemon.containers.values()] == ["brave-fox", "brave-fox-1", "brave-fox-2"]


async def test_a_container_that_used_too_much_memory_says_so(daemon: PaperDocker, worker: DockerWorker) -> None:
    daemon.ends = lambda container: container.end(137, OOMKilled=True)
    result = await ran(worker, mem_limit="512m")
    assert result.status_code == 137
    assert result.reason == "The container was killed because it used more memory than it may (OOM, 512 MiB)."


async def test_an_ended_container_is_removed_if_it_is_to_be(daemon: PaperDocker, worker: DockerWorker) -> None:
    daemon.ends = lambda container: container.end(3)
    assert (await ran(worker, auto_remove=True)).status_code == 3
    assert daemon.containers == {}
    await ran(worker)
    assert len(daemon.containers) == 1


async def test_a_container_that_cannot_be_started_is_not_left(daemon: PaperDocker, worker: DockerWorker) -> None:
    daemon.start_error = "no such command"
    with pytest.raises(APIError, match="no such command"):
        await ran(worker)
    assert daemon.containers == {}


async def test_a_container_that_is_removed_while_it_runs_is_told(daemon: PaperDocker, worker: DockerWorker) -> None:
    daemon.ends = lambda container: daemon.containers.clear()
    result = await ran(worker, stream_output=False)
    assert (result.status_code, result.reason) == (137, "The container was removed from outside.")


async def test_a_daemon_that_is_away_for_a_while_costs_no_run(daemon: PaperDocker, worker: DockerWorker) -> None:
    daemon.away = 3
    assert (await ran(worker)).status_code == 0
    assert daemon.away == 0


async def test_a_container_is_ended_by_its_id(daemon: PaperDocker, worker: DockerWorker) -> None:
    daemon.ends = lambda _: None
    status = TaskStatus()
    running = asyncio.create_task(worker.run(RUN, configuration(), status))
    await worker.kill_infrastructure(await status.identifier(), configuration())
    assert (await running).status_code == 143
    with pytest.raises(InfrastructureNotFound):
        await worker.kill_infrastructure(f"{daemon.url}:gone", configuration())
    with pytest.raises(InfrastructureNotAvailable):
        await worker.kill_infrastructure("http+docker://elsewhere:abc", configuration())


async def test_what_a_worker_left_is_found_by_its_labels(daemon: PaperDocker, worker: DockerWorker) -> None:
    pool = WorkPool(id=uuid4(), created=None, updated=None, name="pool", type="docker")
    worker._member.pool = pool  # pyright: ignore[reportPrivateUsage] - no server is here to tell it
    labels = {"prefect.io/flow-run-id": str(RUN.id), "prefect.io/worker-name": "gone"}
    await ran(worker, labels=labels)
    await ran(worker, labels={**labels, "prefect.io/work-pool-id": str(pool.id)})
    (left,) = await worker.find_left()
    assert (left.run_id, left.worker_name) == (RUN.id, "gone")
    containers: list[PaperContainer] = list(daemon.containers.values())
    assert left.identifier == f"{daemon.url}:{containers[1].id}"
    assert (await worker.follow(RUN, left.identifier)).status_code == 0


async def test_a_job_without_an_image_is_refused(worker: DockerWorker) -> None:
    with pytest.raises(ValueError, match="no image"):
        await ran(worker, image=None)


@pytest.mark.parametrize(
    ("image", "policy", "pulled"),
    [
        ("here:1", None, False),
        ("gone:1", None, True),
        ("here:latest", None, True),
        ("registry:5000/here:latest", None, True),
        ("here:1", "Always", True),
        ("here:1", "Never", False),
    ],
)
async def test_an_image_is_fetched_by_its_policy(
    image: str, policy: Any, pulled: bool, daemon: PaperDocker, worker: DockerWorker
) -> None:
    daemon.images, daemon.registry = {"here:1"}, {image}
    await ran(worker, image=image, image_pull_policy=policy)
    assert [name for name, _ in daemon.pulls] == ([image] if pulled else [])


async def test_an_image_that_cannot_be_fetched_is_an_error_unless_it_may_be(
    daemon: PaperDocker, worker: DockerWorker
) -> None:
    with pytest.raises(NotFound, match="gone:1"):
        await ran(worker, image="gone:1")
    assert (await ran(worker, image="gone:1", image_pull_policy="IfPossible")).status_code == 0


async def test_the_registry_is_told_who_asks(daemon: PaperDocker, worker: DockerWorker) -> None:
    access = {"username": "u", "password": "p", "registry_url": "registry.test", "reauth": True}
    await ran(worker, registry_credentials=access)
    ((_, header),) = daemon.pulls
    told = orjson.loads(base64.urlsafe_b64decode(header or ""))
    assert told == {"username": "u", "password": "p", "serveraddress": "registry.test"}


def test_a_server_of_this_machine_is_reached_from_within() -> None:
    local = configuration(env={"OSTINATO_API_URL": "http://127.0.0.1:4200/api"})
    assert local.options("linux")["network_mode"] == "host"
    elsewhere = local.options("darwin")
    assert elsewhere["environment"]["OSTINATO_API_URL"] == "http://host.docker.internal:4200/api"
    networked = configuration(env=local.env, networks=["inside"]).options("linux")
    assert networked["extra_hosts"] == {"host.docker.internal": "host-gateway"}
    assert networked["environment"] == elsewhere["environment"]
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
