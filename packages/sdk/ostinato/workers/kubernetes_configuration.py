"""What a job of a run is made of, and what deployments may say of it (sdk.md, 27.2)."""

from __future__ import annotations

import re
import shlex
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from pydantic import BaseModel, Field

from ostinato.workers.configuration import BaseJobConfiguration, BaseVariables

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject
    from ostinato_wire.deployments import Deployment
    from ostinato_wire.flow_runs import FlowRun
    from ostinato_wire.flows import Flow
    from ostinato_wire.work_pools import WorkPool

# Any below: JSON of the cluster's API.

LONGEST_NAME: Final = 63 - len("-abcde")
"""Characters of a job's name, to which the cluster adds five of its own."""
WORKER: Final = "prefect.io/worker-name"
RUN_ID: Final = "prefect.io/flow-run-id"
POOL_ID: Final = "prefect.io/work-pool-id"

MANIFEST: Final[JsonObject] = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"labels": "{{ labels }}", "namespace": "{{ namespace }}", "generateName": "{{ name }}-"},
    "spec": {
        "backoffLimit": 0,
        "parallelism": 1,
        "completions": 1,
        "ttlSecondsAfterFinished": "{{ finished_job_ttl }}",
        "template": {
            "spec": {
                "restartPolicy": "Never",
                "serviceAccountName": "{{ service_account_name }}",
                "imagePullSecrets": "{{ image_pull_secrets }}",
                "containers": [
                    {
                        "name": "prefect-job",
                        "env": "{{ env }}",
                        "image": "{{ image }}",
                        "imagePullPolicy": "{{ image_pull_policy }}",
                        "args": "{{ command }}",
                        "resources": {
                            "requests": {"cpu": "{{ cpu_request }}", "memory": "{{ memory_request }}"},
                            "limits": {"cpu": "{{ cpu_limit }}", "memory": "{{ memory_limit }}"},
                        },
                    }
                ],
            }
        },
    },
}
"""The job of a pool whose template nobody changed."""


class KubernetesVariables(BaseVariables):
    """What deployments may say of their jobs."""

    namespace: str = Field(default="default", description="Namespace of the job.")
    image: str | None = Field(default=None, description="Image of the container; it must hold the flow's packages.")
    service_account_name: str | None = Field(default=None, description="Service account of the pod.")
    image_pull_policy: Literal["IfNotPresent", "Always", "Never"] = Field(
        default="IfNotPresent", description="When the image is pulled."
    )
    image_pull_secrets: list[str] = Field(default_factory=list, description="Names of secrets with which it is pulled.")
    finished_job_ttl: int | None = Field(
        default=None, description="Seconds for which an ended job is kept; empty: for ever."
    )
    job_watch_timeout_seconds: int | None = Field(
        default=None, description="Seconds that a job may take; empty: any number."
    )
    pod_watch_timeout_seconds: int = Field(default=60, description="Seconds that a pod may take to start.")
    stream_output: bool = Field(default=True, description="Print what the run prints.")
    cluster_config: dict[str, Any] | None = Field(
        default=None, description="A block with the access to a cluster; by default the worker's own."
    )
    cpu_request: str | None = Field(default=None, description="CPU that the pod asks for: 500m.")
    cpu_limit: str | None = Field(default=None, description="CPU that the pod may take.")
    memory_request: str | None = Field(default=None, description="Memory that the pod asks for: 512Mi.")
    memory_limit: str | None = Field(default=None, description="Memory that the pod may take.")


class KubernetesJobConfiguration(BaseJobConfiguration):
    """What a job is made of."""

    namespace: str = "default"
    job_manifest: dict[str, Any]
    cluster_config: dict[str, Any] | None = None
    job_watch_timeout_seconds: int | None = None
    pod_watch_timeout_seconds: int = 60
    stream_output: bool = True

    @classmethod
    def template(cls, variables: type[BaseModel]) -> JsonObject:
        """Return the base job template of a pool whose workers take this."""
        made = super().template(variables)
        made["job_configuration"]["job_manifest"] = deepcopy(MANIFEST)
        return made

    def prepare_for_flow_run(
        self,
        flow_run: FlowRun,
        deployment: Deployment | None = None,
        flow: Flow | None = None,
        work_pool: WorkPool | None = None,
        worker_name: str | None = None,
    ) -> None:
        """Fill in what only this run knows. Raises ValueError for a manifest that can be no job."""
        super().prepare_for_flow_run(flow_run, deployment, flow, work_pool, worker_name)
        manifest = cast("dict[str, Any]", _without_none(self.job_manifest))
        self.job_manifest = manifest
        metadata = manifest.setdefault("metadata", {})
        metadata["namespace"] = self.namespace = str(metadata.get("namespace") or self.namespace)
        own_labels: dict[str, Any] = metadata.get("labels") or {}
        labels = {label_name(name): label_value(str(value)) for name, value in {**self.labels, **own_labels}.items()}
        metadata["labels"] = labels
        metadata["annotations"] = {WORKER: worker_name or "", **(metadata.get("annotations") or {})}
        if not metadata.get("name"):
            metadata["generateName"] = f"{job_name(self.name)}-"
        self._fill_pod(labels)

    def _fill_pod(self, labels: dict[str, str]) -> None:
        template: dict[str, Any] = self.job_manifest.setdefault("spec", {}).setdefault("template", {})
        pod_metadata: dict[str, Any] = template.setdefault("metadata", {})
        pod_metadata["labels"] = {**labels, **(pod_metadata.get("labels") or {})}
        pod: dict[str, Any] = template.setdefault("spec", {})
        secrets = pod.pop("imagePullSecrets", None)
        if secrets:
            pod["imagePullSecrets"] = [{"name": item} if isinstance(item, str) else item for item in secrets]
        containers: list[dict[str, Any]] = pod.get("containers") or []
        if not containers:
            raise ValueError("The job's manifest has no container: see `job_manifest` of the pool's template.")
        container = containers[0]
        if not container.get("image"):
            raise ValueError("The job has no image: set the job variable `image` of the deployment.")
        container["env"] = self._environment(container.get("env"))
        command = container.get("args") or container.get("command") or self.command
        if isinstance(command, str):
            container["args"] = shlex.split(command)
        elif "args" not in container and "command" not in container:
            container["args"] = shlex.split(self.command or self.default_command())

    def _environment(self, own: Any) -> list[dict[str, Any]]:
        """Return the run's variables; those that the manifest takes from elsewhere, such as secrets, win."""
        listed = cast("list[dict[str, Any]]", own) if isinstance(own, list) else []
        named = {item["name"] for item in listed}
        env = {name: value for name, value in self.env.items() if value is not None and name not in named}
        return [*({"name": name, "value": value} for name, value in env.items()), *listed]


def _without_none(value: Any) -> Any:
    """Return JSON without members that have no value, nor objects that have none left."""
    if isinstance(value, dict):
        members = {name: _without_none(item) for name, item in cast("dict[str, Any]", value).items()}
        return {name: item for name, item in members.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in cast("list[Any]", value)]
    return value


def job_name(text: str | None) -> str:
    """Return a text as a job may be named: small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", (text or "").lower()).strip("-")[:LONGEST_NAME].strip("-") or "flow-run"


def label_value(text: str) -> str:
    """Return a text as a label's value may be."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text)[:63].strip("-_.")


def label_name(text: str) -> str:
    """Return a text as a label may be named: a domain, a slash, and a name, or a name alone."""
    domain, slash, name = text.rpartition("/")
    domain = re.sub(r"[^a-z0-9.-]+", "-", domain.lower())[:253].strip("-.")
    return f"{domain}/{label_value(name)}" if slash and domain else label_value(name)
