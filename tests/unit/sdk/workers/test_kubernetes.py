"""Jobs of runs: the real client of Kubernetes, and a cluster that exists on paper."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import kubernetes_validate
import pytest

from ostinato.exceptions import InfrastructureNotAvailable, InfrastructureNotFound
from ostinato.workers import find_worker_class
from ostinato.workers.kubernetes import JobTookTooLong, KubernetesWorker, PodNotStarted
from ostinato.workers.kubernetes_cluster import ClusterError
from ostinato.workers.kubernetes_configuration import (
    KubernetesJobConfiguration,
    KubernetesVariables,
    job_name,
    label_name,
    label_value,
)
from ostinato.workers.results import BaseWorkerResult, TaskStatus
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.flows import Flow
from ostinato_wire.work_pools import WorkPool
from tests.support.kubernetes_api import UID, PaperCluster

RUN = FlowRun(id=uuid4(), created=None, updated=None, name="Brave Fox", flow_id=uuid4())
FLOW = Flow(id=RUN.flow_id, created=None, updated=None, name="etl")
POOL = WorkPool(id=uuid4(), created=None, updated=None, name="pool", type="kubernetes")
TEMPLATE = KubernetesJobConfiguration.template(KubernetesVariables)
NO_CLIENT: Any = None


@pytest.fixture
def cluster() -> Iterator[PaperCluster]:
    with PaperCluster().serving() as cluster:
        yield cluster


@pytest.fixture
async def worker(cluster: PaperCluster) -> AsyncIterator[KubernetesWorker]:
    made = KubernetesWorker("pool", name="w", cluster_config=cluster.block)
    await made.setup(NO_CLIENT)
    yield made
    await made.teardown()


async def configuration(template: dict[str, Any] = TEMPLATE, **values: Any) -> KubernetesJobConfiguration:
    given = {"image": "flows:1", **values}
    made = await KubernetesJobConfiguration.from_template_and_values(template, given, NO_CLIENT)
    made.prepare_for_flow_run(RUN, flow=FLOW, work_pool=POOL, worker_name="my worker")
    return made


async def ran(worker: KubernetesWorker, **values: Any) -> BaseWorkerResult:
    return await worker.run(RUN, await configuration(**values), TaskStatus())


async def test_a_job_is_made_as_the_variables_say_and_waited_for(
    cluster: PaperCluster, worker: KubernetesWorker, capsys: pytest.CaptureFixture[str]
) -> None:
    status = TaskStatus()
    job = await configuration(
        namespace="flows", service_account_name="runner", image_pull_secrets=["registry"], finished_job_ttl=60,
        cpu_request="250m", memory_limit="1Gi", env={"A": "b"}, image_pull_policy="Always",
    )  # fmt: skip
    result = await worker.run(RUN, job, status)
    (made,) = cluster.made
    name = made["metadata"].pop("name")
    assert name.startswith("brave-fox-")
    assert (result.status_code, result.identifier) == (0, f"{UID}:flows:{name}")
    assert await status.identifier() == result.identifier
    kubernetes_validate.validate({key: made[key] for key in made if key != "status"}, "1.37", strict=True)
    pod = made["spec"]["template"]["spec"]
    assert made["spec"]["ttlSecondsAfterFinished"] == 60
    assert (pod["serviceAccountName"], pod["imagePullSecrets"]) == ("runner", [{"name": "registry"}])
    (container,) = pod["containers"]
    assert (container["image"], container["imagePullPolicy"]) == ("flows:1", "Always")
    assert container["args"] == ["ostinato", "flow-run", "execute"]
    assert container["resources"] == {"requests": {"cpu": "250m"}, "limits": {"memory": "1Gi"}}
    env = {item["name"]: item["value"] for item in container["env"]}
    assert (env["A"], env["PREFECT__FLOW_RUN_ID"]) == ("b", str(RUN.id))
    labels = made["metadata"]["labels"]
    assert labels["prefect.io/flow-run-id"] == str(RUN.id)
    assert labels["prefect.io/worker-name"] == "my-worker"
    assert made["metadata"]["annotations"]["prefect.io/worker-name"] == "my worker"
    assert capsys.readouterr().out == "one\ntwo\n"


async def test_a_manifest_may_take_variables_from_secrets() -> None:
    template = KubernetesJobConfiguration.template(KubernetesVariables)
    (container,) = template["job_configuration"]["job_manifest"]["spec"]["template"]["spec"]["containers"]
    secret = {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    container["env"] = [secret]
    container["args"] = ["python", "-m", "x"]
    made = await configuration(template, env={"KEY": "no", "A": "b"})
    (filled,) = made.job_manifest["spec"]["template"]["spec"]["containers"]
    assert secret in filled["env"]
    assert [item["name"] for item in filled["env"]].count("KEY") == 1
    assert {"name": "A", "value": "b"} in filled["env"]
    assert filled["args"] == ["python", "-m", "x"]


async def test_a_job_without_an_image_is_refused() -> None:
    with pytest.raises(ValueError, match="no image"):
        await configuration(image=None)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (
            {"containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}}}]},
            "ImagePullBackOff: Back-off",
        ),
        (
            {
                "conditions": [
                    {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
                ]
            },
            "Unschedulable: 0/3 nodes",
        ),
        ({"containerStatuses": [{"state": {"waiting": {"reason": "ContainerCreating"}}}]}, "still being made"),
    ],
)
async def test_a_pod_that_does_not_start_is_given_up_with_its_reason(
    status: dict[str, Any], expected: str, cluster: PaperCluster, worker: KubernetesWorker
) -> None:
    cluster.react = lambda cluster, job: cluster.pod(job, "Pending", **status)
    with pytest.raises(PodNotStarted, match=expected):
        await ran(worker, pod_watch_timeout_seconds=1)
    assert cluster.jobs == {}


async def test_a_job_without_pods_is_given_up(cluster: PaperCluster, worker: KubernetesWorker) -> None:
    cluster.react = lambda _, __: None
    with pytest.raises(PodNotStarted, match="made no pod"):
        await ran(worker, pod_watch_timeout_seconds=1)


@pytest.mark.parametrize(
    ("end", "status", "reason"),
    [
        ({"exit_code": 3}, 3, None),
        ({"exit_code": 137, "reason": "OOMKilled"}, 137, "more memory than it may (OOMKilled)."),
        (
            {"exit_code": 0, "of_pod": {"reason": "Evicted", "message": "The node was low on memory."}},
            1,
            "Evicted: The node was low",
        ),
    ],
)
async def test_how_a_pod_failed_is_told(
    end: dict[str, Any], status: int, reason: str | None, cluster: PaperCluster, worker: KubernetesWorker
) -> None:
    def fail(cluster: PaperCluster, job: dict[str, Any]) -> None:
        cluster.pod(job, "Running")
        cluster.fail(job, **end)

    cluster.react = fail
    result = await ran(worker, stream_output=False)
    assert result.status_code == status
    assert result.reason == reason if reason is None else reason in (result.reason or "")


async def test_a_job_that_is_refused_says_why(cluster: PaperCluster, worker: KubernetesWorker) -> None:
    cluster.refusal = (403, "jobs is forbidden: exceeded quota")
    with pytest.raises(ClusterError, match="exceeded quota"):
        await ran(worker)


async def test_watches_and_logs_that_break_and_a_cluster_that_is_away_cost_nothing(
    cluster: PaperCluster, worker: KubernetesWorker, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.broken_watches, cluster.broken_logs, cluster.failures = 5, 1, 2
    cluster.react = lambda cluster, job: cluster.pod(job, "Running")
    running = asyncio.create_task(ran(worker))
    while cluster.broken_watches or not cluster.jobs:  # noqa: ASYNC110 - the cluster is in another thread
        await asyncio.sleep(0.01)
    (job,) = cluster.jobs.values()
    cluster.pod(job, "Succeeded")
    cluster.end_job(job, "Complete")
    assert (await running).status_code == 0
    assert capsys.readouterr().out == "one\ntwo\n"


async def test_a_job_is_ended_by_its_name_and_its_pod_has_time(cluster: PaperCluster, worker: KubernetesWorker) -> None:
    cluster.react = lambda cluster, job: cluster.pod(job, "Running")
    status, job = TaskStatus(), await configuration(stream_output=False)
    running = asyncio.create_task(worker.run(RUN, job, status))
    identifier = await status.identifier()
    await worker.kill_infrastructure(identifier, job, grace_seconds=7)
    result = await running
    assert (result.status_code, result.reason) == (137, "The job was deleted from outside.")
    assert cluster.deletions == [{"gracePeriodSeconds": "7", "propagationPolicy": "Foreground"}]
    with pytest.raises(InfrastructureNotFound):
        await worker.kill_infrastructure(identifier, job)
    with pytest.raises(InfrastructureNotAvailable):
        await worker.kill_infrastructure("other:default:x", job)


async def test_a_job_that_takes_too_long_is_ended(cluster: PaperCluster, worker: KubernetesWorker) -> None:
    cluster.react = lambda cluster, job: cluster.pod(job, "Running")
    with pytest.raises(JobTookTooLong, match="within 1 seconds"):
        await ran(worker, job_watch_timeout_seconds=1, stream_output=False)
    assert cluster.jobs == {}


async def test_what_a_worker_left_is_found_and_followed(cluster: PaperCluster, worker: KubernetesWorker) -> None:
    worker._member.pool = POOL  # pyright: ignore[reportPrivateUsage] - no server is here to tell it
    identifier = (await ran(worker)).identifier
    (left,) = await worker.find_left()
    assert (left.run_id, left.worker_name, left.identifier) == (RUN.id, "my worker", identifier)
    assert (await worker.follow(RUN, identifier)).status_code == 0


def test_names_and_labels_have_no_strange_characters() -> None:
    assert job_name("Große Füchse/7 ") == "gro-e-f-chse-7"
    assert job_name("x" * 100) == "x" * 57
    assert (job_name(""), label_value("-a b/" + "c" * 80)) == ("flow-run", "a-b-" + "c" * 58)
    assert (label_name("prefect.io/x y"), label_name("x y")) == ("prefect.io/x-y", "x-y")


def test_the_worker_is_found_by_its_type() -> None:
    assert find_worker_class("kubernetes") is KubernetesWorker
