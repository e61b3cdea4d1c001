"""The client's methods as plans, one module per noun: the one definition of both the sync and the async client."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostinato.client.plans import (
        action_deliveries,
        admin,
        artifacts,
        automations,
        block_documents,
        block_types,
        bulk_jobs,
        concurrency,
        deployments,
        flow_run_inputs,
        flow_runs,
        flows,
        incidents,
        logs,
        slas,
        states,
        task_runs,
        variables,
        webhooks,
        work_pools,
        work_queues,
    )

__all__ = [
    "action_deliveries",
    "admin",
    "artifacts",
    "automations",
    "block_documents",
    "block_types",
    "bulk_jobs",
    "concurrency",
    "deployments",
    "flow_run_inputs",
    "flow_runs",
    "flows",
    "incidents",
    "logs",
    "slas",
    "states",
    "task_runs",
    "variables",
    "webhooks",
    "work_pools",
    "work_queues",
]


def __getattr__(name: str) -> Any:  # Any: a module; each imports wire models that most processes never need
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
