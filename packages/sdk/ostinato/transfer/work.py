"""Flows, work pools with their queues, and deployments."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from ostinato.client.errors import ObjectNotFound
from ostinato.transfer.items import EXISTS, Item, Skip, Target
from ostinato.transfer.simple import OF_DEPLOYMENT
from ostinato_wire.deployments import CatchUp, Deployment, DeploymentCreate, DeploymentScheduleCreate
from ostinato_wire.flows import Flow
from ostinato_wire.work_pools import WorkPool, WorkPoolCreate
from ostinato_wire.work_queues import WorkQueue, WorkQueueCreate

DEFAULT_QUEUE = "default"


def flows(found: Iterable[Flow]) -> Iterator[Item]:
    """Return items of flows."""
    return (Item(each.id, f"flow/{each.name}", partial(_make_flow, each)) for each in found)


def _make_flow(flow: Flow, target: Target) -> None:
    try:
        known = target.client.read_flow_by_name(flow.name)
    except ObjectNotFound:
        target.known(flow.id, target.client.create_flow_from_name(flow.name, flow.tags))
    else:
        target.known(flow.id, known.id)
        raise Skip(EXISTS)


def pools(found: Iterable[WorkPool]) -> Iterator[Item]:
    """Return items of work pools."""
    return (Item(each.id, f"work-pool/{each.name}", partial(_make_pool, each)) for each in found)


def _make_pool(pool: WorkPool, target: Target) -> None:
    try:
        known = target.client.read_work_pool(pool.name)
    except ObjectNotFound:
        known = target.client.create_work_pool(_pool_body(pool, target))
        target.known(pool.id, known.id)
    else:
        target.known(pool.id, known.id)
        raise Skip(EXISTS)


def _pool_body(pool: WorkPool, target: Target) -> WorkPoolCreate:
    storage = pool.storage_configuration
    if storage.default_result_storage_block_id is not None:
        block = target.id_of(storage.default_result_storage_block_id)
        storage = storage.model_copy(update={"default_result_storage_block_id": block})
    members = pool.model_dump(include=set(WorkPoolCreate.model_fields), exclude_none=True)
    return WorkPoolCreate.model_validate(members | {"storage_configuration": storage})


def queues(pool: WorkPool, found: Iterable[WorkQueue]) -> Iterator[Item]:
    """Return items of the queues of a pool, the first to be served first."""
    ordered = sorted(found, key=lambda each: each.priority)
    return (Item(each.id, f"work-queue/{pool.name}/{each.name}", partial(_make_queue, pool, each)) for each in ordered)


def _make_queue(pool: WorkPool, queue: WorkQueue, target: Target) -> None:
    try:
        known = target.client.read_work_queue_by_name(queue.name, pool.name)
    except ObjectNotFound:
        members = queue.model_dump(include={"name", "description", "is_paused", "concurrency_limit", "priority"})
        known = target.client.create_work_queue(WorkQueueCreate.model_validate(members), pool.name)
        target.known(queue.id, known.id)
    else:
        target.known(queue.id, known.id)
        raise Skip("is made with its work pool" if queue.name == DEFAULT_QUEUE else EXISTS)


def deployments(found: Iterable[Deployment], flows: Iterable[Flow]) -> Iterator[Item]:
    """Return items of deployments with their schedules."""
    names = {flow.id: flow.name for flow in flows}
    return (
        Item(
            each.id,
            f"deployment/{names.get(each.flow_id, each.flow_id)}/{each.name}",
            partial(_make_deployment, names.get(each.flow_id, ""), each),
        )
        for each in found
    )


def _make_deployment(flow_name: str, deployment: Deployment, target: Target) -> None:
    flow = target.id_of(deployment.flow_id)
    try:
        known = target.client.read_deployment_by_name(f"{flow_name}/{deployment.name}")
    except ObjectNotFound:
        body = _deployment_body(deployment, target)
        body.flow_id = flow
        target.known(deployment.id, target.client.create_deployment(body).id)
    else:
        target.known(deployment.id, known.id)
        raise Skip(EXISTS)


_COPIED = frozenset(DeploymentCreate.model_fields) - {
    "concurrency_limit", "flow_id", "global_concurrency_limit_id", "infrastructure_document_id", "schedules",
    "storage_document_id", "version_info",
}  # fmt: skip


def _deployment_body(deployment: Deployment, target: Target) -> DeploymentCreate:
    members: dict[str, Any] = deployment.model_dump(
        include=set(_COPIED), exclude_none=True
    )  # Any: members of all types
    members |= _limit(deployment, target)
    for name in ("storage_document_id", "infrastructure_document_id"):
        if (document := getattr(deployment, name)) is not None:
            members[name] = target.id_of(document)
    if deployment.work_queue_id is not None:
        target.id_of(deployment.work_queue_id)
    copied = set(DeploymentScheduleCreate.model_fields)
    schedules = [each.model_dump(include=copied, exclude_none=True) for each in deployment.schedules]
    for schedule in schedules:
        if schedule["catchup"] is CatchUp.ALL:  # which is what a server does that does not know the member
            del schedule["catchup"]
    return DeploymentCreate.model_validate(members | {"flow_id": deployment.flow_id, "schedules": schedules})


def _limit(deployment: Deployment, target: Target) -> dict[str, Any]:  # Any: members of all types
    limit = deployment.global_concurrency_limit
    if limit is None:
        return {} if deployment.concurrency_limit is None else {"concurrency_limit": deployment.concurrency_limit}
    if limit.name.startswith(OF_DEPLOYMENT):
        return {"concurrency_limit": limit.limit}
    return {"global_concurrency_limit_id": target.id_of(limit.id)}
