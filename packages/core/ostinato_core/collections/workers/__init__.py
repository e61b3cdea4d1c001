"""The kinds of workers and work pools that are known from the start."""

from ostinato_core.collections.workers.cloud import azure_container_instance, ecs
from ostinato_core.collections.workers.google import cloud_run, cloud_run_v2, vertex_ai
from ostinato_core.collections.workers.local import docker, kubernetes, process
from ostinato_core.collections.workers.template import WorkerType


def worker_types() -> list[WorkerType]:
    """Return the kinds, local ones first."""
    return [
        process(),
        docker(),
        kubernetes(),
        ecs(),
        azure_container_instance(),
        cloud_run(),
        cloud_run_v2(),
        vertex_ai(),
    ]
