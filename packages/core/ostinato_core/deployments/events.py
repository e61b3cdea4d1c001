"""The events that tell of deployments: created, updated, deleted, ready, not ready (behaviour.md, section 21.2).

Those named `ostinato.deployment.*` are an extension: paused, resumed, a version that was deployed, and what is done
with a schedule by itself.
"""

from typing import Final
from uuid import UUID

from ostinato_core.events.new_event import NewEvent
from ostinato_core.states.rows import JsonDict, Row
from ostinato_wire.base import Json
from ostinato_wire.deployments import CatchUp
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


_SCHEDULE_FACTS: Final = (
    "schedule", "active", "parameters", "max_scheduled_runs", "slug", "max_late_seconds",
)  # fmt: skip


def deployment_event(change: str, row: Row) -> NewEvent:
    """Return the event of a change, such as `created`, of a deployment with what is around it."""
    return {
        "event": f"prefect.deployment.{change}",
        "resource": {RESOURCE_ID: f"prefect.deployment.{row['id']}", RESOURCE_NAME: row["name"]},
        "related": deployment_related(row),
    }


def own_event(change: str, row: Row, **payload: Json) -> NewEvent:
    """Return the event of a change that the reference tells nothing of: `paused`, `schedule-updated`."""
    return {**deployment_event(change, row), "event": f"ostinato.deployment.{change}", "payload": payload}


def schedule_event(change: str, deployment: Row, schedule: Row, before: Row | None = None) -> NewEvent:
    """Return the event of a schedule that is `created`, `updated` or `deleted`, with what it says and said before."""
    facts = schedule_facts(schedule)
    told = {"schedule_id": str(schedule["id"]), "schedule": facts}
    if before is not None:
        was = schedule_facts(before)
        told["updates"] = {name: {"from": was[name], "to": now} for name, now in facts.items() if was[name] != now}
    return own_event(f"schedule-{change}", deployment, **told)


def schedule_facts(row: Row) -> JsonDict:
    """Return what a schedule says, as events tell it."""
    return {**{name: row[name] for name in _SCHEDULE_FACTS}, "catchup": row["catchup"] or CatchUp.ALL.value}


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


def version_event(before: Row | None, after: Row) -> NewEvent | None:
    """Return the event that tells of a version that was deployed; None where it is the one that was there.

    The reference keeps nothing of where a version comes from, so none of its events tells of it.
    """
    was, now = (None if row is None or row["version_info"] is None else _version(row) for row in (before, after))
    return None if now is None or was == now else own_event("version-deployed", after, **now)


def _version(row: Row) -> JsonDict:
    return {"version": row["version"], "version_info": row["version_info"]}


def _plain(value: Json) -> Json:
    return str(value) if isinstance(value, UUID) else value


def deployment_related(row: Row) -> list[JsonDict]:
    """Return the related resources of a deployment's events, from a row with what is around it."""
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
