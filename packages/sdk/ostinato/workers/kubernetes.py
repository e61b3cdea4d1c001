"""`KubernetesWorker`: each run is a job of a cluster. It needs `pip install "ostinato[kubernetes]"`."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import orjson

from ostinato.exceptions import InfrastructureNotAvailable, InfrastructureNotFound
from ostinato.utilities.waiting import end_all, in_background
from ostinato.workers.base import BaseWorker
from ostinato.workers.configuration import BaseJobConfiguration, BaseVariables, variable_defaults
from ostinato.workers.held import LeftRun
from ostinato.workers.kubernetes_cluster import Cluster, connected
from ostinato.workers.kubernetes_configuration import (
    POOL_ID,
    RUN_ID,
    WORKER,
    KubernetesJobConfiguration,
    KubernetesVariables,
)
from ostinato.workers.kubernetes_reasons import has_ended, has_started, how_job_ended, how_pod_ended, why_waiting
from ostinato.workers.results import BaseWorkerResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ostinato.client.orchestration import OstinatoClient
    from ostinato.workers.results import TaskStatus
    from ostinato_wire.base import JsonObject
    from ostinato_wire.flow_runs import FlowRun

logger = logging.getLogger("ostinato.workers")

MOST_LEFT = 200
KILLED = 137
END_SECONDS = 30
LOG_SECONDS = 10.0
"""How long the rest of a log may take to arrive when its job has ended."""
SAME_LOG_AFTER = 1.0


class PodNotStarted(Exception):
    """The cluster did not start the pod of a run in time; the text says why."""


class JobTookTooLong(Exception):
    """The job of a run did not end in the time that its deployment grants."""


class KubernetesWorker(BaseWorker[KubernetesJobConfiguration]):
    """Runs flows in jobs, which outlive it: what it left is taken up by the next worker of its name or pool.

    `cluster_config` is the data of a block of cluster configuration, for jobs that name none; by default the cluster
    that the worker is in, else that of the user's kubeconfig.
    """

    type: ClassVar[str] = "kubernetes"
    job_configuration: ClassVar[type[BaseJobConfiguration]] = KubernetesJobConfiguration
    job_configuration_variables: ClassVar[type[BaseVariables]] = KubernetesVariables
    distribution: ClassVar[str | None] = "kubernetes_asyncio"

    def __init__(
        self,
        work_pool_name: str,
        *args: Any,  # Any: those of the base
        cluster_config: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(work_pool_name, *args, **options)
        self._own_cluster = cluster_config

    async def setup(self, client: OstinatoClient) -> None:
        """Make ready what keeps connections."""
        self._clusters: dict[bytes, Cluster] = {}
        self._connections = AsyncExitStack()

    async def teardown(self) -> None:
        """Let the jobs go on by themselves, and close the connections."""
        await super().teardown()
        await self._connections.aclose()

    async def _cluster(self, config: Mapping[str, Any] | None) -> Cluster:  # Any: JSON of a kubeconfig
        config = config or self._own_cluster
        key = orjson.dumps(config)
        if key not in self._clusters:
            self._clusters[key] = await self._connections.enter_async_context(connected(config))
        return self._clusters[key]

    async def run(
        self, flow_run: FlowRun, configuration: KubernetesJobConfiguration, task_status: TaskStatus
    ) -> BaseWorkerResult:
        """Make the job and wait until it has ended. Raises ClusterError, PodNotStarted, JobTookTooLong."""
        cluster = await self._cluster(configuration.cluster_config)
        namespace = configuration.namespace
        made = await cluster.create_job(namespace, configuration.job_manifest)
        name = str(made["metadata"]["name"])
        identifier = f"{await cluster.uid()}:{namespace}:{name}"
        task_status.started(identifier)
        job = _Job(cluster, namespace, name)
        if not await job.starts_within(configuration.pod_watch_timeout_seconds):
            why = why_waiting(await cluster.list_pods(namespace, name))
            await cluster.delete_job(namespace, name, 0)
            seconds = configuration.pod_watch_timeout_seconds
            raise PodNotStarted(f"The pod of the job did not start within {seconds} seconds: {why}")
        async with job.printed() if configuration.stream_output else AsyncExitStack():
            try:
                async with asyncio.timeout(configuration.job_watch_timeout_seconds):
                    return await job.result(identifier)
            except TimeoutError:
                await cluster.delete_job(namespace, name, END_SECONDS)
                seconds = configuration.job_watch_timeout_seconds
                raise JobTookTooLong(f"The job did not end within {seconds} seconds.") from None

    async def kill_infrastructure(
        self, infrastructure_pid: str, configuration: KubernetesJobConfiguration, grace_seconds: int = 30
    ) -> None:
        """Delete the job and its pods. Raises InfrastructureNotFound; InfrastructureNotAvailable if it is another's."""
        uid, namespace, name = infrastructure_pid.split(":")
        cluster = await self._cluster(configuration.cluster_config)
        if uid != await cluster.uid():
            raise InfrastructureNotAvailable(f"The job is of the cluster {uid!r}.")
        if not await cluster.delete_job(namespace, name, grace_seconds):
            raise InfrastructureNotFound(f"There is no job {name!r} in namespace {namespace!r}.")

    async def find_left(self) -> list[LeftRun]:
        """Return the runs of this pool's jobs in the namespace, and on the cluster, that are its template's."""
        if self.work_pool is None:
            return []
        defaults = variable_defaults(self.work_pool.base_job_template)
        cluster = await self._cluster(None)
        uid, namespace = await cluster.uid(), str(defaults.get("namespace") or "default")
        left: list[LeftRun] = []
        for job in await cluster.list_jobs(namespace, f"{POOL_ID}={self.work_pool.id}", MOST_LEFT):
            about = job["metadata"]
            annotations: dict[str, str] = about.get("annotations") or {}
            run_id, worker = about["labels"].get(RUN_ID), annotations.get(WORKER)
            if run_id and worker:
                left.append(LeftRun(UUID(run_id), worker, f"{uid}:{namespace}:{about['name']}"))
        return left

    async def follow(self, flow_run: FlowRun, identifier: str) -> BaseWorkerResult:
        """Wait until the job has ended."""
        _, namespace, name = identifier.split(":")
        return await _Job(await self._cluster(None), namespace, name).result(identifier)


class _Job:
    """A job of a run that was made."""

    def __init__(self, cluster: Cluster, namespace: str, name: str) -> None:
        self._cluster, self._namespace, self._name = cluster, namespace, name

    async def starts_within(self, seconds: float) -> bool:
        """Whether a pod starts in time, or the job ends before."""
        starting = asyncio.create_task(self._started())
        ending = asyncio.create_task(self._ended())
        try:
            done, _ = await asyncio.wait((starting, ending), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            return bool(done)
        finally:
            await end_all((starting, ending))

    async def _started(self) -> str:
        """Wait until a pod has started; return its name."""
        async with aclosing(self._cluster.pod_changes(self._namespace, self._name)) as changes:
            async for change in changes:
                for pod in change.items:
                    if not change.is_gone and has_started(pod):
                        return str(pod["metadata"]["name"])
        raise AssertionError("changes are told for ever")

    async def _ended(self) -> tuple[bool, str | None]:
        """Wait until the job has ended, or is gone; return whether well, and why not."""
        async with aclosing(self._cluster.job_changes(self._namespace, self._name)) as changes:
            async for change in changes:
                if change.is_gone or (change.is_listed and not change.items):
                    return False, None
                for job in change.items:
                    end = how_job_ended(job)
                    if end is not None:
                        return end
        raise AssertionError("changes are told for ever")

    async def result(self, identifier: str) -> BaseWorkerResult:
        """Wait until the job has ended; return how, and why as far as the cluster knows."""
        is_well, reason = await self._ended()
        if is_well:
            return BaseWorkerResult(0, identifier)
        status, why = how_pod_ended(await self._cluster.list_pods(self._namespace, self._name)) or (KILLED, None)
        words = why or (reason if status == KILLED else None)
        if words is None and status == KILLED:
            words = "The job was deleted from outside."
        return BaseWorkerResult(status, identifier, reason=words)

    @asynccontextmanager
    async def printed(self) -> AsyncGenerator[None]:
        """Print what the pod prints while the block lasts, and what is still to come at its end."""
        rest = asyncio.Event()

        async def follow() -> None:
            try:
                await self._print()
            finally:
                rest.set()

        async with in_background(follow()):
            yield
            try:
                async with asyncio.timeout(LOG_SECONDS):
                    await rest.wait()
            except TimeoutError:
                logger.warning("The end of the log of job %s did not arrive.", self._name)

    async def _print(self) -> None:
        """Print the log of the pod; where it breaks off, go on behind the last line that was printed."""
        last = ""
        name = await self._started()
        try:
            while (pod := await self._pod(name)) is not None:
                last = await self._print_behind(last, pod)
                if has_ended(pod):
                    return
                await asyncio.sleep(SAME_LOG_AFTER)
        except Exception as error:  # noqa: BLE001 - a log that cannot be read must not end the run
            logger.warning("The log of job %s cannot be read: %s", self._name, error)

    async def _print_behind(self, last: str, pod: JsonObject) -> str:
        """Print the lines of a pod that came after a time; return that of the last one."""
        name, container = str(pod["metadata"]["name"]), str(pod["spec"]["containers"][0]["name"])
        async with aclosing(self._cluster.pod_log(self._namespace, name, container)) as lines:
            async for time, text in lines:
                if time > last:
                    last = time
                    sys.stdout.write(f"{text}\n")
                    sys.stdout.flush()
        return last

    async def _pod(self, name: str) -> JsonObject | None:
        pods = await self._cluster.list_pods(self._namespace, self._name)
        return next((pod for pod in pods if pod["metadata"]["name"] == name), None)
