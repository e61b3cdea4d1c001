"""What the end of a task run tells of assets: those that it made, and those that it made them from (sdk.md, 19.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from uuid_utils.compat import uuid7

from ostinato.engine.events import related_resource
from ostinato.engine.steps import Emit, Plan
from ostinato_wire.states import StateType

if TYPE_CHECKING:
    from ostinato.assets import Asset
    from ostinato.context import FlowRunContext
    from ostinato.engine.task_run import TaskRun
    from ostinato.states import State
    from ostinato.tasks import Task

# Any below: tasks of whatever type, and JSON.

AssetMetadata: TypeAlias = dict[str, dict[str, Any]]
"""What a run told of its assets, by their keys."""

_OUTCOMES = {StateType.COMPLETED: "succeeded", StateType.FAILED: "failed"}


def concerns_assets(task: Task[..., Any], flow: FlowRunContext | None) -> bool:
    """Whether a run of `task` may have anything to do with assets. Most have not."""
    return bool(task.assets or task.asset_deps or (flow is not None and flow.run_assets))


def tell_of_assets(
    task: Task[..., Any], run: TaskRun, state: State, flow: FlowRunContext | None, metadata: AssetMetadata
) -> Plan[None]:
    """Tell of the assets of a run that ended in `state`, with its `metadata`; a result from the cache made none."""
    sources = _sources(task, run, flow)
    if flow is not None and (task.assets or sources):
        flow.run_assets[str(run.id)] = tuple(task.assets) or sources
    outcome = None if state.name == "Cached" else _OUTCOMES.get(state.type)
    if outcome is None or not task.assets:
        return
    around = [*run.related, related_resource("task-run", str(run.id), run.name)]
    for asset in sources:
        yield Emit(_event("prefect.asset.referenced", asset, around, state, {}))
    made_from = [_source(asset.key, "asset") for asset in sources]
    if task.materialized_by is not None:
        made_from.append(_source(task.materialized_by, "asset-materialized-by"))
    for asset in task.assets:
        name = f"prefect.asset.materialization.{outcome}"
        yield Emit(_event(name, asset, [*made_from, *around], state, metadata.get(asset.key, {})))


def _sources(task: Task[..., Any], run: TaskRun, flow: FlowRunContext | None) -> tuple[Asset, ...]:
    """Return the assets that the run depends on: its task's own, and those of the runs before it."""
    found = {asset.key: asset for asset in task.asset_deps}
    if flow is not None:
        for edges in run.task_inputs.values():
            for edge in edges:
                for asset in flow.run_assets.get(edge["id"], ()):
                    found.setdefault(asset.key, asset)
    return tuple(found.values())


def _source(key: str, role: str) -> dict[str, str]:
    return {"prefect.resource.id": key, "prefect.resource.role": role}


def _event(
    name: str, asset: Asset, related: list[dict[str, str]], state: State, payload: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "event": name,
        "occurred": state.timestamp.isoformat(),
        "follows": None,
        "resource": asset.as_resource(),
        "related": related,
        "payload": payload,
    }
