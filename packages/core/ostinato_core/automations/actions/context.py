"""The names that the templates of an action know, read only where a template has them (behaviour.md, 19.7)."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from ostinato_core.automations.actions.targets import first_of_kind, involved
from ostinato_core.automations.actions.views import (
    EventView,
    LabelsView,
    all_events,
    all_firings,
    as_time,
    firing_view,
)
from ostinato_core.concurrency.operations import read_limit
from ostinato_core.deployments.operations import read_deployment
from ostinato_core.errors import NotFound
from ostinato_core.flow_runs.operations import read_flow_run
from ostinato_core.flows.operations import read_flow
from ostinato_core.parameters.templates import names_in
from ostinato_core.states.rows import JsonDict
from ostinato_core.task_runs.operations import read_task_run
from ostinato_core.transaction import Transaction
from ostinato_core.variables.repository import select_where
from ostinato_core.work_pools.repository import find_by_id
from ostinato_core.work_pools.rows import pool_json
from ostinato_core.work_queues.operations import read_queue
from ostinato_wire.events import RESOURCE_ID
from ostinato_wire.variables import VariableSort

Names = Mapping[str, Any]  # Any: whatever templates may look at
MOST_VARIABLES: Final = 10_000
"""Variables that a template sees, at most: the first by name."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What an action is done for. All are JSON: the automation as the API answers it, the firing as it is stored, and
    the triggering event of the action, which is not always that of the firing.
    """

    automation: JsonDict
    firing: JsonDict
    event: JsonDict | None

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels by which the trigger counted."""
        return self.firing["triggering_labels"]


class ObjectView(dict[str, Any]):  # Any: members of many types
    """An object as the API answers it, which knows its resource id."""

    def __init__(self, kind: str, content: JsonDict) -> None:
        super().__init__(content)
        self.resource_id = f"{kind}.{content['id']}"


async def names_for(tx: Transaction, occasion: Occasion, templates: Iterable[str]) -> Names:
    """Return what the templates of an action may look at; what is to be read is read only if one of them names it."""
    wanted = {name for template in templates for name in names_in(template)}
    firing = firing_view(occasion.firing, occasion.automation["trigger"])
    firings = all_firings(firing)
    names: dict[str, Any] = {  # Any: as above
        "automation": ObjectView("prefect.automation", occasion.automation),
        "event": None if occasion.event is None else EventView(occasion.event),
        "labels": LabelsView(occasion.labels),
        "firing": firing,
        "firings": firings,
        "events": all_events(firings),
    }
    for name in sorted(wanted & _READERS.keys()):
        names[name] = await _object(tx, name, occasion.event)
    if "variables" in wanted:
        rows = await select_where(tx, None, VariableSort.NAME_ASC, MOST_VARIABLES, 0)
        names["variables"] = {row["name"]: row["value"] for row in rows}
    return names


async def check_exists(tx: Transaction, noun: str, id_: UUID) -> None:
    """Check that there is an object of a noun, such as `work_queue`. Errors: NotFound of whatever kind."""
    await _READERS[noun](tx, id_)


async def _object(tx: Transaction, name: str, event: JsonDict | None) -> ObjectView | None:
    kind = f"prefect.{name.replace('_', '-')}"
    id_ = None if event is None else first_of_kind(event, kind)
    if event is None or id_ is None:
        return None
    try:
        content = await _READERS[name](tx, id_)
    except NotFound:
        return None
    if name in ("flow_run", "task_run"):
        content = _as_of(event, f"{kind}.{id_}", content)
    return ObjectView(kind, content)


async def _pool(tx: Transaction, pool_id: UUID) -> JsonDict:
    row = await find_by_id(tx, pool_id)
    if row is None:
        raise NotFound("Work pool not found")
    return pool_json(row)


_READERS: Final[Mapping[str, Callable[[Transaction, UUID], Awaitable[JsonDict]]]] = {
    "flow": read_flow,
    "flow_run": read_flow_run,
    "task_run": read_task_run,
    "deployment": read_deployment,
    "work_pool": _pool,
    "work_queue": read_queue,
    "concurrency_limit": read_limit,
}
"""Objects that templates know by these names. An automation is known by its own name anyway."""


def _as_of(event: JsonDict, resource_id: str, run: JsonDict) -> JsonDict:
    """Return a run in the state of which the event tells: it may have left that by now."""
    labels = next(resource for resource in involved(event) if resource[RESOURCE_ID] == resource_id)
    if "prefect.state-type" not in labels:
        return run
    state: JsonDict = {
        **(run["state"] or {}),
        "type": labels["prefect.state-type"],
        "name": labels.get("prefect.state-name"),
        "message": labels.get("prefect.state-message"),
    }
    if "prefect.state-timestamp" in labels:
        state["timestamp"] = as_time(labels["prefect.state-timestamp"])
    return {**run, "state": state}
