"""The graph of a flow run: its task runs and child flow runs as nodes, what they gave to each other as edges."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, or_, select

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared
from ostinato_core.db.tables import flow_run_states, flow_runs, flows, task_runs
from ostinato_core.flow_runs import repository
from ostinato_core.flow_runs.errors import FlowRunGraphNotFound, FlowRunGraphTooLarge
from ostinato_core.flow_runs.graph_artifacts import artifacts_by_task_run
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction

PARENTS = "__parents__"
"""The input under which a task run names the task runs that it ran within."""

_CHILD = flow_runs.alias("child_flow_runs")
_TASK = task_runs.c


def _nodes(dialect: Dialect) -> Select[Any]:  # Any: columns of many types
    of_run = _TASK.flow_run_id == bindparam("flow_run_id")
    is_child = and_(
        _CHILD.c.parent_task_run_id == _TASK.id,
        # Children are few: they are looked up, and not all child runs that there are joined.
        dialect.is_found(_CHILD.c.parent_task_run_id, select(_TASK.id).where(of_run).correlate(None)),
    )
    return (
        select(
            _TASK.id.label("task_run_id"),
            _TASK.name,
            _TASK.task_inputs,
            _TASK.state_type,
            _TASK.end_time,
            func.coalesce(_TASK.start_time, _TASK.expected_start_time).label("started"),
            _TASK.expected_start_time,
            _CHILD.c.id.label("child_id"),
            _CHILD.c.name.label("child_name"),
            flows.c.name.label("child_flow_name"),
            _CHILD.c.state_type.label("child_state_type"),
            _CHILD.c.end_time.label("child_end_time"),
            func.coalesce(_CHILD.c.start_time, _CHILD.c.expected_start_time).label("child_started"),
            _CHILD.c.expected_start_time.label("child_expected_start_time"),
        )
        .select_from(task_runs)
        .outerjoin(_CHILD, is_child)
        .outerjoin(flows, flows.c.id == _CHILD.c.flow_id)
        .where(
            of_run,
            _TASK.workspace_id == bindparam("workspace_id"),
            or_(_TASK.start_time.is_not(None), _TASK.expected_start_time.is_not(None)),
            _TASK.state_type.is_not(None),
        )
        .limit(bindparam("most"))
    )


_NODES = Prepared(_nodes)
_STATE = flow_run_states.c
_STATES = (
    select(_STATE.id, _STATE.timestamp, _STATE.type, _STATE.name)
    .where(_STATE.flow_run_id == bindparam("flow_run_id"), _STATE.workspace_id == bindparam("workspace_id"))
    .order_by(_STATE.timestamp)
)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Node:
    id: UUID
    task_run_id: UUID
    kind: str
    label: str
    state_type: str
    start_time: datetime
    end_time: datetime | None
    task_inputs: dict[str, list[dict[str, Any]]]  # Any: members of inputs are of several types
    parents: "_Edges" = field(default_factory=dict[UUID, "_Node"])
    children: "_Edges" = field(default_factory=dict[UUID, "_Node"])
    encapsulating: "_Edges" = field(default_factory=dict[UUID, "_Node"])

    def place(self) -> tuple[datetime, datetime, UUID]:
        """By what nodes are ordered."""
        return self.start_time, self.end_time or _NEVER, self.id


_Edges = dict[UUID, _Node]
"""The other ends by id: each once, however often it is named."""


async def read_graph(tx: Transaction, flow_run_id: UUID, since: datetime | None, most: int) -> JsonDict:
    """Return the graph, without nodes that ended before `since`, with at most `most` artifacts.

    Errors: FlowRunGraphNotFound; FlowRunGraphTooLarge for more than `most` nodes.
    """
    run = await repository.find(tx, flow_run_id)
    if run is None:
        raise FlowRunGraphNotFound(flow_run_id)
    keys: JsonDict = {"flow_run_id": flow_run_id, "workspace_id": tx.workspace_id}
    rows = await tx.rows(_NODES, {**keys, "most": most + 1})
    if len(rows) > most:
        raise FlowRunGraphTooLarge(flow_run_id, most)
    nodes = [node for node in _linked(rows) if since is None or node.end_time is None or node.end_time >= since]
    artifacts = await artifacts_by_task_run(tx, flow_run_id, most)
    return {
        "start_time": run["start_time"] or run["expected_start_time"],
        "end_time": run["end_time"],
        "root_node_ids": [node.id for node in nodes if not node.parents],
        "nodes": [(node.id, _node_json(node, artifacts.get(node.task_run_id, []))) for node in nodes],
        "artifacts": artifacts.get(None, []),
        "states": [dict(state) for state in await tx.rows(_STATES, keys)],
    }


def _linked(rows: Sequence[Row]) -> list[_Node]:
    """Return the nodes in order of their start, with their edges."""
    by_task: defaultdict[UUID, list[_Node]] = defaultdict(list)
    for row in rows:
        by_task[row["task_run_id"]].append(_node(row))
    nodes = sorted((node for group in by_task.values() for node in group), key=_Node.place)
    for node in nodes:
        for name, inputs in node.task_inputs.items():
            for other in _others(by_task, inputs):
                if name == PARENTS:
                    node.encapsulating[other.id] = other
                else:
                    node.parents[other.id] = other
                    other.children[node.id] = node
    return nodes


def _others(by_task: defaultdict[UUID, list[_Node]], inputs: Iterable[JsonDict]) -> Iterator[_Node]:
    for source in inputs:
        if (id_ := source.get("id")) is not None:
            yield from by_task.get(UUID(str(id_)), ())


def _node(row: Row) -> _Node:
    if row["child_id"] is None or row["child_state_type"] is None or row["child_started"] is None:
        end = row["end_time"] or (row["expected_start_time"] if row["state_type"] == "COMPLETED" else None)
        kind, label, state_type, start = "task-run", row["name"], row["state_type"], row["started"]
        return _Node(row["task_run_id"], row["task_run_id"], kind, label, state_type, start, end, row["task_inputs"])
    expected = row["child_expected_start_time"]
    end = row["child_end_time"] or (expected if row["child_state_type"] == "COMPLETED" else None)
    return _Node(
        row["child_id"],
        row["task_run_id"],
        "flow-run",
        f"{row['child_flow_name']} / {row['child_name']}",
        row["child_state_type"],
        row["child_started"],
        end,
        row["task_inputs"],
    )


def _node_json(node: _Node, artifacts: list[JsonDict]) -> JsonDict:
    return {
        "kind": node.kind,
        "id": node.id,
        "label": node.label,
        "state_type": node.state_type,
        "start_time": node.start_time,
        "end_time": node.end_time,
        "parents": _ends(node.parents),
        "children": _ends(node.children),
        "encapsulating": _ends(node.encapsulating),
        "artifacts": artifacts,
    }


def _ends(edges: _Edges) -> list[JsonDict]:
    return [{"id": node.id} for node in sorted(edges.values(), key=_Node.place)]
