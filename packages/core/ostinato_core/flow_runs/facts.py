"""A flow run as orchestration sees it, and the objects around it that its events name: one SELECT for both."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, select

from ostinato_core.db.prepared import prepare_lookup
from ostinato_core.db.tables import deployments, flow_runs, flows, task_runs, work_pools, work_queues
from ostinato_core.flow_runs.errors import FlowRunIdNotFound
from ostinato_core.flow_runs.rows import COLUMNS
from ostinato_core.orchestration.state_event import RelatedObjects
from ostinato_core.orchestration.transition import DeploymentStanding, FlowRunFacts
from ostinato_core.run_states import facts_of_any_run
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction

_UNASKED = frozenset({"parameters", "context", "job_variables", "flow_version", "deployment_version", "updated"})
"""What no rule asks for, and no event tells; parameters may be large."""

SURROUNDED = (
    select(
        *(column for column in COLUMNS if column.name not in _UNASKED),
        flows.c.name.label("flow_name"),
        flows.c.tags.label("flow_tags"),
        task_runs.c.name.label("parent_name"),
        task_runs.c.tags.label("parent_tags"),
        deployments.c.id.label("deployment_found"),
        deployments.c.concurrency_limit_id,
        deployments.c.concurrency_options,
        deployments.c.retry_on_crash,
        deployments.c.name.label("deployment_name"),
        deployments.c.tags.label("deployment_tags"),
        work_queues.c.name.label("queue_name"),
        work_pools.c.id.label("work_pool_id"),
        work_pools.c.name.label("work_pool_name"),
        work_pools.c.type.label("work_pool_type"),
        work_pools.c.retry_on_crash.label("pool_retry_on_crash"),
    )
    .join(flows, flows.c.id == flow_runs.c.flow_id)
    .outerjoin(task_runs, task_runs.c.id == flow_runs.c.parent_task_run_id)
    .outerjoin(deployments, deployments.c.id == flow_runs.c.deployment_id)
    .outerjoin(work_queues, work_queues.c.id == flow_runs.c.work_queue_id)
    .outerjoin(work_pools, work_pools.c.id == work_queues.c.work_pool_id)
)
"""Flow runs with what `facts_of` and `objects_of` need: a SELECT that is still to be told which."""

_SELECT = SURROUNDED.where(flow_runs.c.workspace_id == bindparam("workspace_id"))
_FIND = prepare_lookup(_SELECT.where(flow_runs.c.id == bindparam("id")))


async def find_with_surroundings(tx: Transaction, run_id: UUID) -> Row | None:
    """Return a flow run's row with name and tags of its flow and of its parent task run, or None."""
    return await tx.first(_FIND, {"id": run_id, "workspace_id": tx.workspace_id})


async def select_with_surroundings(tx: Transaction, run_ids: Sequence[UUID]) -> Sequence[Row]:
    """Return the rows of those of the flow runs that there are, as `find_with_surroundings` does, in order of ids."""
    found = _SELECT.where(tx.dialect.is_one_of(flow_runs.c.id, run_ids)).order_by(flow_runs.c.id)
    return await tx.rows(found, {"workspace_id": tx.workspace_id})


async def get_with_surroundings(tx: Transaction, run_id: UUID) -> Row:
    """Return a flow run's row with name and tags of its flow and of its parent task run. Errors: FlowRunIdNotFound."""
    row = await find_with_surroundings(tx, run_id)
    if row is None:
        raise FlowRunIdNotFound(run_id)
    return row


def facts_of(row: Row) -> FlowRunFacts:
    """Return what rules read of a flow run."""
    return FlowRunFacts(
        **facts_of_any_run(row),
        flow_id=row["flow_id"],
        deployment_id=row["deployment_id"],
        parent_task_run_id=row["parent_task_run_id"],
        infrastructure_pid=row["infrastructure_pid"],
        deployment=_standing_of(row) if row["deployment_found"] is not None else None,
        retry_on_crash=row["retry_on_crash"] or row["pool_retry_on_crash"],
    )


def _standing_of(row: Row) -> DeploymentStanding:
    options: JsonDict = row["concurrency_options"] or {}
    grace: float | None = options.get("grace_period_seconds")
    return DeploymentStanding(
        row["concurrency_limit_id"],
        options.get("collision_strategy") == "CANCEL_NEW",
        None if grace is None else timedelta(seconds=grace),
    )


def objects_of(row: Row) -> RelatedObjects:
    """Return the objects that a flow run's events name, from a row with its surroundings."""
    made_by: JsonDict = row["created_by"] or {}
    creator_id: str | None = made_by.get("id")
    return RelatedObjects(
        flow=(row["flow_id"], row["flow_name"]),
        deployment=_named(row["deployment_id"], row["deployment_name"]),
        work_queue=_named(row["work_queue_id"], row["queue_name"]),
        work_pool=_named(row["work_pool_id"], row["work_pool_name"]),
        work_pool_type=row["work_pool_type"],
        parent_task_run=_named(row["parent_task_run_id"], row["parent_name"]),
        tags=[*row["tags"], *row["flow_tags"], *(row["deployment_tags"] or ()), *(row["parent_tags"] or ())],
        created_by=(made_by.get("type"), UUID(creator_id) if creator_id else None, made_by.get("display_value")),
    )


def _named(id_: UUID | None, name: str | None) -> tuple[UUID, str] | None:
    return None if id_ is None or name is None else (id_, name)
