"""Workers that run flow runs on machines and clusters: processes, Docker, Kubernetes."""

from ostinato_core.collections.workers.blocks import block_definitions
from ostinato_core.collections.workers.template import WorkerType, reference, slot, slots, texts, variable
from ostinato_core.states.rows import JsonDict


def process() -> WorkerType:
    """Return the worker that starts a process for each flow run."""
    return WorkerType(
        type="process",
        package="prefect",
        display_name="Process",
        description="Each flow run is a process on the worker's machine: the simplest way to begin.",
        variables={
            "stream_output": variable("boolean", "Stream output", "Print what the run prints.", default=True),
            "working_dir": variable("string", "Working folder", "Folder in which the run starts.", format="path"),
        },
        job=slots("stream_output", "working_dir"),
    )


def docker() -> WorkerType:
    """Return the worker that starts a container for each flow run."""
    policies = ["IfNotPresent", "Always", "IfPossible", "Never"]
    return WorkerType(
        type="docker",
        package="prefect-docker",
        display_name="Docker",
        description="Each flow run is a container of a Docker daemon that the worker reaches.",
        variables={
            "image": variable("string", "Image", "Image of the container; it must hold the flow's packages."),
            "registry_credentials": reference(
                "DockerRegistryCredentials", "Registry credentials", "Access to the registry of the image."
            ),
            "image_pull_policy": variable("string", "Pull policy", "When the image is pulled.", enum=policies),
            "networks": texts("Networks", "Networks that the container joins."),
            "network_mode": variable("string", "Network mode", "Network mode of the container, such as host."),
            "auto_remove": variable("boolean", "Remove", "Remove the container when it has ended.", default=False),
            "volumes": texts("Volumes", "Volumes as <on the host>:<in the container>."),
            "stream_output": variable("boolean", "Stream output", "Print what the run prints.", default=True),
            "mem_limit": variable("string", "Memory", "Most memory, with a unit: 512m."),
            "memswap_limit": variable("string", "Memory and swap", "Most memory and swap together."),
            "privileged": variable("boolean", "Privileged", "Give the container the host's rights.", default=False),
        },
        job=slots(
            "image",
            "registry_credentials",
            "image_pull_policy",
            "networks",
            "network_mode",
            "auto_remove",
            "volumes",
            "stream_output",
            "mem_limit",
            "memswap_limit",
            "privileged",
        ),
        definitions=block_definitions("docker-registry-credentials"),
    )


def kubernetes() -> WorkerType:
    """Return the worker that starts a job of a cluster for each flow run."""
    return WorkerType(
        type="kubernetes",
        package="prefect-kubernetes",
        display_name="Kubernetes",
        description="Each flow run is a job of a Kubernetes cluster.",
        variables=_kubernetes_variables(),
        job={
            **slots("namespace", "cluster_config", "job_watch_timeout_seconds", "pod_watch_timeout_seconds"),
            **slots("stream_output"),
            "job_manifest": _job_manifest(),
        },
        definitions=block_definitions("kubernetes-cluster-config"),
    )


def _kubernetes_variables() -> dict[str, JsonDict]:
    policies = ["IfNotPresent", "Always", "Never"]
    return {
        "namespace": variable("string", "Namespace", "Namespace of the job.", default="default"),
        "image": variable("string", "Image", "Image of the container; it must hold the flow's packages."),
        "service_account_name": variable("string", "Service account", "Service account of the pod."),
        "image_pull_policy": variable(
            "string", "Pull policy", "When the image is pulled.", enum=policies, default="IfNotPresent"
        ),
        "finished_job_ttl": variable("integer", "Kept for", "Seconds for which an ended job is kept; empty: for ever."),
        "job_watch_timeout_seconds": variable("integer", "Job time-out", "Seconds that a job may take; empty: any."),
        "pod_watch_timeout_seconds": variable(
            "integer", "Start time-out", "Seconds that a pod may take to start.", default=60
        ),
        "stream_output": variable("boolean", "Stream output", "Print what the run prints.", default=True),
        "cluster_config": reference("KubernetesClusterConfig", "Cluster", "The cluster; by default the worker's own."),
        "cpu_request": variable("string", "CPU", "CPU that the pod asks for: 500m."),
        "cpu_limit": variable("string", "CPU, at most", "CPU that the pod may take."),
        "memory_request": variable("string", "Memory", "Memory that the pod asks for: 512Mi."),
        "memory_limit": variable("string", "Memory, at most", "Memory that the pod may take."),
    }


def _job_manifest() -> JsonDict:
    container = {
        "name": "prefect-job",
        "env": slot("env"),
        "image": slot("image"),
        "imagePullPolicy": slot("image_pull_policy"),
        "args": slot("command"),
        "resources": {
            "requests": {"cpu": slot("cpu_request"), "memory": slot("memory_request")},
            "limits": {"cpu": slot("cpu_limit"), "memory": slot("memory_limit")},
        },
    }
    # Of no meaning in a pod, but the published template has the first two here, too; clusters drop them.
    pod = {
        "parallelism": 1,
        "completions": 1,
        "restartPolicy": "Never",
        "serviceAccountName": slot("service_account_name"),
        "containers": [container],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"generateName": "{{ name }}-", "namespace": slot("namespace"), "labels": slot("labels")},
        "spec": {
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": slot("finished_job_ttl"),
            "template": {"spec": pod},
        },
    }
