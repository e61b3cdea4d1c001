"""`url_for`: where to look at an object, in the UI or in the API."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

UI = {
    "flow": "flows/flow/{id}",
    "flow-run": "runs/flow-run/{id}",
    "task-run": "runs/task-run/{id}",
    "block": "blocks/block/{id}",
    "block-document": "blocks/block/{id}",
    "work-pool": "work-pools/work-pool/{id}",
    "work-queue": "work-queues/work-queue/{id}",
    "concurrency-limit": "concurrency-limits/concurrency-limit/{id}",
    "deployment": "deployments/deployment/{id}",
    "automation": "automations/automation/{id}",
    "received-event": "events/event/{occurred}/{id}",
    "worker": "work-pools/work-pool/{work_pool_name}/worker/{id}",
}
API = {
    "flow": "flows/{id}",
    "flow-run": "flow_runs/{id}",
    "task-run": "task_runs/{id}",
    "block": "block_documents/{id}",
    "block-document": "block_documents/{id}",
    "work-pool": "work_pools/{id}",
    "work-queue": "work_queues/{id}",
    "concurrency-limit": "concurrency_limits/{id}",
    "deployment": "deployments/{id}",
    "automation": "automations/{id}",
    "variable": "variables/name/{id}",
}
_BY_NAME = frozenset({"work-pool", "variable"})
_KINDS = {"global-concurrency-limit-response": "concurrency-limit", "concurrency-limit-v2": "concurrency-limit"}


def url_for(
    obj: object,
    obj_id: str | UUID | None = None,
    url_type: Literal["ui", "api"] = "ui",
    default_base_url: str | None = None,
    **words: Any,  # Any: what the address of that kind needs, such as `work_pool_name`
) -> str | None:
    """Return the address of an object, given itself or its kind (`"flow-run"`) and id.

    None without a base address (`api.url` or `ui.url`), and for kinds that have no page.
    """
    kind = obj if isinstance(obj, str) else _kind_of(obj)
    template = (UI if url_type == "ui" else API).get(kind.replace("_", "-"))
    base = _base(url_type) or default_base_url
    if template is None or base is None:
        return None
    values = {"id": obj_id if obj_id is not None else _id_of(kind, obj), **_facts_of(obj), **words}
    if values["id"] is None:
        return None
    return f"{base.rstrip('/')}/{template.format(**values)}"


def _base(url_type: str) -> str | None:
    from ostinato.settings import get_current_settings

    settings = get_current_settings()
    return settings.ui.url if url_type == "ui" else settings.api.url


def _kind_of(obj: object) -> str:
    from ostinato.futures import OstinatoFuture

    if isinstance(obj, OstinatoFuture):
        return "task-run"
    if _is_block(obj):
        return "block"
    name = type(obj).__name__
    kind = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
    return _KINDS.get(kind, kind)


def _is_block(obj: object) -> bool:
    return isinstance(obj, BaseModel) and hasattr(obj, "_block_document_id")


def _id_of(kind: str, obj: object) -> object:
    if kind in _BY_NAME:
        return getattr(obj, "name", None)
    for name in ("task_run_id", "_block_document_id", "id"):
        value: object = getattr(obj, name, None)
        if value is not None:
            return value
    return None


def _facts_of(obj: object) -> dict[str, Any]:  # Any: as the words of `url_for`
    occurred = getattr(obj, "occurred", None)
    return {"occurred": f"{occurred:%Y-%m-%d}"} if occurred is not None else {}
