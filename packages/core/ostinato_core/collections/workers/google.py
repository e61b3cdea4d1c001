"""Workers that run flow runs as jobs of Google Cloud."""

from ostinato_core.collections.workers.blocks import block_definitions
from ostinato_core.collections.workers.template import WorkerType, reference, slot, slots, texts, variable
from ostinato_core.states.rows import JsonDict

_PACKAGE = "prefect-gcp"
_MEMORY = r"^\d+(?:G|Gi|M|Mi)$"


def cloud_run() -> WorkerType:
    """Return the worker that starts a job of Cloud Run for each flow run, by the first version of its API."""
    resources = slots("cpu", "memory")
    container = {
        "image": slot("image"),
        "command": slot("command"),
        "resources": {"limits": resources, "requests": resources},
    }
    task = {
        "containers": [container],
        "timeoutSeconds": slot("timeout"),
        "serviceAccountName": slot("service_account_name"),
    }
    connector = {"run.googleapis.com/vpc-access-connector": slot("vpc_connector_name")}
    execution = {"spec": {"template": {"spec": task}}, "metadata": {"annotations": connector}}
    metadata = {"name": slot("name"), "annotations": {"run.googleapis.com/launch-stage": "BETA"}}
    body = {"apiVersion": "run.googleapis.com/v1", "kind": "Job", "metadata": metadata, "spec": {"template": execution}}
    return WorkerType(
        type="cloud-run",
        package=_PACKAGE,
        display_name="Google Cloud Run",
        description="Each flow run is a job of Google Cloud Run.",
        variables={
            **_run_variables(longest=3600),
            "image": variable("string", "Image", "Image of the container; it must hold the flow's packages."),
            "cpu": variable("string", "CPU", "CPU of the job: 1000m is one core.", pattern=r"^(\d*000)m$"),
            "memory": variable("string", "Memory", "Memory of the job: 512Mi.", pattern=_MEMORY),
        },
        job={**slots("region", "credentials", "timeout", "keep_job"), "job_body": body},
        definitions=block_definitions("gcp-credentials"),
    )


def cloud_run_v2() -> WorkerType:
    """Return the worker that starts a job of Cloud Run for each flow run, by the second version of its API."""
    container = {
        "env": list[JsonDict](),
        **slots("image", "command", "args"),
        "resources": {"limits": slots("cpu", "memory")},
    }
    task = {
        "serviceAccount": slot("service_account_name"),
        "maxRetries": slot("max_retries"),
        "timeout": slot("timeout"),
        "vpcAccess": {"connector": slot("vpc_connector_name")},
        "containers": [container],
    }
    stages = ["ALPHA", "BETA", "GA", "DEPRECATED", "EARLY_ACCESS", "PRELAUNCH", "UNIMPLEMENTED"]
    stages.append("LAUNCH_TAG_UNSPECIFIED")
    return WorkerType(
        type="cloud-run-v2",
        package=_PACKAGE,
        display_name="Google Cloud Run V2",
        description="Each flow run is a job of Google Cloud Run, by the newer API.",
        variables={
            **_run_variables(longest=604_800),
            "image": variable("string", "Image", "Image of the container; it must hold the flow's packages."),
            "args": texts("Arguments", "Arguments of the command."),
            "launch_stage": variable("string", "Launch stage", "Stage of the API.", enum=stages, default="BETA"),
            "max_retries": variable("integer", "Retries", "How often a failed task is started again.", default=0),
            "cpu": variable("string", "CPU", "CPU of the job: 1000m is one core.", default="1000m"),
            "memory": variable("string", "Memory", "Memory of the job.", default="512Mi", pattern=_MEMORY),
        },
        job={
            **slots("credentials", "keep_job", "region", "timeout"),
            "job_body": {"client": "prefect", "launchStage": slot("launch_stage"), "template": {"template": task}},
        },
        definitions=block_definitions("gcp-credentials"),
    )


def _run_variables(longest: int) -> dict[str, JsonDict]:
    limits = {"exclusiveMinimum": 0, "maximum": longest, "default": 600}
    return {
        "region": variable("string", "Region", "Region in which the job runs.", default="us-central1"),
        "credentials": reference("GcpCredentials", "Credentials", "Access to Google; by default the worker's own."),
        "vpc_connector_name": variable("string", "VPC connector", "Connector to a private network."),
        "service_account_name": variable("string", "Service account", "Service account of the job."),
        "keep_job": variable("boolean", "Keep", "Keep the job when it has ended.", default=False),
        "timeout": variable("integer", "Time-out", "Seconds that the job may take.", **limits),
    }


def vertex_ai() -> WorkerType:
    """Return the worker that starts a custom job of Vertex AI for each flow run."""
    pool = {
        "replica_count": 1,
        "container_spec": {"image_uri": slot("image"), "command": slot("command"), "args": list[str]()},
        "machine_spec": slots("machine_type", "accelerator_type", "accelerator_count"),
        "disk_spec": slots("boot_disk_type", "boot_disk_size_gb"),
    }
    spec = slots("service_account_name", "network", "reserved_ip_ranges", "maximum_run_time_hours")
    return WorkerType(
        type="vertex-ai",
        package=_PACKAGE,
        display_name="Google Vertex AI",
        description="Each flow run is a custom job of Google Vertex AI.",
        variables=_vertex_variables(),
        job={
            **slots("region", "credentials", "job_watch_poll_interval"),
            "job_spec": {**spec, "worker_pool_specs": [pool]},
        },
        required=("region", "image"),
        definitions=block_definitions("gcp-credentials"),
    )


def _vertex_variables() -> dict[str, JsonDict]:
    return {
        "region": variable("string", "Region", "Region in which the job runs."),
        "image": variable("string", "Image", "Image of the container; it must hold the flow's packages."),
        "credentials": reference("GcpCredentials", "Credentials", "Access to Google; by default the worker's own."),
        "machine_type": variable("string", "Machine", "Machine on which the job runs.", default="n1-standard-4"),
        "accelerator_type": variable("string", "Accelerator", "Accelerator of the machine."),
        "accelerator_count": variable("integer", "Accelerators", "How many accelerators the machine has."),
        "boot_disk_type": variable("string", "Disk", "Type of the boot disk.", default="pd-ssd"),
        "boot_disk_size_gb": variable("integer", "Disk size", "Size of the boot disk, in GB.", default=100),
        "maximum_run_time_hours": variable("integer", "Time-out", "Hours that the job may take.", default=1),
        "network": variable("string", "Network", "Network with which the job is peered."),
        "reserved_ip_ranges": texts("IP ranges", "Reserved ranges of addresses that the job may use."),
        "service_account_name": variable("string", "Service account", "Service account of the job."),
        "job_watch_poll_interval": variable("number", "Poll interval", "Seconds between looks at a job.", default=5.0),
    }
