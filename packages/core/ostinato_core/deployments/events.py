"""The events that tell of deployments: created, updated, deleted, ready, not ready (behaviour.md, section 21.2)."""

from typing import Final
from uuid import UUID

from ostinato_core.events.new_event import NewEvent
from ostinato_core.states.rows import JsonDict, Row
from ostinato_wire.base import Json
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

_TOLD: Final = {
    "description": "description",
    "tags": "tags",
    "parameters": "parameters",
    "parameter_openapi_schema": "parameter_openapi_schema",
    "enforce_parameter_schema": "enforce_parameter_schema",
    "entrypoint": "entrypoint",
    "path": "path",
    "pull_steps": "pull_steps",
    "work_queue_id": "work_queue_id",
    "job_variables": "infra_overrides",
    "paused": "paused",
    "labels": "labels",
    "version": "version",
    "concurrency_limit_id": "concurrency_limit_id",
    "concurrency_options": "concurrency_options",
}
"""Columns whose changes are told, and under which name."""


def deployment_event(change: str, row: Row) -> NewEvent:
    """Return the event of a change, such as `created`, of a deployment with what is around it."""
    return {
        "event": f"prefect.deployment.{change}",
        "resource": {RESOURCE_ID: f"prefect.deployment.{row['id']}", RESOURCE_NAME: row["name"]},
        "related": _related(row),
    }


def updated_event(before: Row, after: Row) -> NewEvent | None:
    """Return the event that tells what is different; None where nothing is that would be told."""
    updates = {
        name: {"from": _plain(before[column]), "to": _plain(after[column])}
        for column, name in _TOLD.items()
        if before[column] != after[column]
    }
    if not updates:
        return None
    return {
        **deployment_event("updated", after),
        "payload": {"updated_fields": list(updates), "updates": updates},
    }


def _plain(value: Json) -> Json:
    return str(value) if isinstance(value, UUID) else value


def _related(row: Row) -> list[JsonDict]:
    related: list[JsonDict] = [_resource("flow", row["flow_id"], "flow", row["flow_name"])]
    if row["work_queue_name"] is not None:
        related.append(_resource("work-queue", row["work_queue_id"], "work-queue", row["work_queue_name"]))
    if row["work_pool_name"] is not None:
        pool = _resource("work-pool", row["work_pool_id"], "work-pool", row["work_pool_name"])
        related.append({**pool, "prefect.work-pool.type": row["work_pool_type"]})
    blocks = ((role, row[f"{role}_document_id"]) for role in ("storage", "infrastructure"))
    related.extend(_resource("block-document", block_id, role) for role, block_id in blocks if block_id is not None)
    if row["concurrency_limit_id"] is not None:
        related.append(_resource("concurrency-limit", row["concurrency_limit_id"], "concurrency-limit"))
    return related


def _resource(kind: str, id_: object, role: str, name: str | None = None) -> JsonDict:
    resource = {RESOURCE_ID: f"prefect.{kind}.{id_}", RESOURCE_ROLE: role}
    return resource if name is None else {**resource, RESOURCE_NAME: name}
