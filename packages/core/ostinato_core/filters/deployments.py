"""The filter of deployments, and restrictions of runs and flows by their deployments.

Not by EXISTS but by ids: there are few deployments, and an index leads from them to their runs.
"""

from collections.abc import Iterator

from sqlalchemy import or_, select, true

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import deployments, flow_runs, flows
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Condition, Operator, combine
from ostinato_core.filters.only_ids import only_ids
from ostinato_core.filters.work_pools import own_queue_matches
from ostinato_core.transaction import Transaction
from ostinato_wire.filters import DeploymentFilter, LikeFilter, WorkQueueFilter
from ostinato_wire.flows import FlowFilterDeployment
from ostinato_wire.queries import FlowsWhere, RunsWhere

# Other names than those of the statement around them, which may read these tables too.
_ASKED = deployments.alias("asked_deployments")
_FLOWS = flows.alias("flows_of_deployments")


def deployment_matches(dialect: Dialect, wanted: DeploymentFilter) -> Condition:
    """Return the condition on a row of `deployments`."""
    return combine(wanted.operator, _parts(dialect, wanted))


def own_deployment_matches(tx: Transaction, where: RunsWhere, *, walk: bool = False) -> Condition | None:
    """Whether a flow run's own deployment fits what `where` asks of it; `walk` as in `flow_run_matches`."""
    if where.deployments is None:
        return None
    of_run = flow_runs.c.deployment_id
    own = (deployments.c.workspace_id == tx.workspace_id, deployment_matches(tx.dialect, where.deployments))
    exists = (tx.dialect.unindexed(of_run) if walk else of_run).in_(select(deployments.c.id).where(*own))
    by_id = only_ids(where.deployments)
    if walk or by_id is None or len(by_id) != 1:
        return exists
    # Of one deployment, an index has the runs in order.
    return (of_run == by_id[0]) & tx.dialect.unindexed(of_run).in_(select(deployments.c.id).where(*own))


def some_deployment_matches(tx: Transaction, where: FlowsWhere) -> Condition | None:
    """Whether some deployment of a flow fits what `where` asks of it and of its work pool."""
    if where.deployments is None and where.work_pools is None:
        return None
    own = [deployments.c.workspace_id == tx.workspace_id]
    if where.deployments is not None:
        own.append(deployment_matches(tx.dialect, where.deployments))
    place = own_queue_matches(tx.dialect, deployments.c.work_queue_id, where.work_pools, None)
    return flows.c.id.in_(select(deployments.c.flow_id).where(combine(Operator.AND, [*own, place])))


def has_deployments(wanted: FlowFilterDeployment) -> Condition:
    """Whether a flow has deployments (`is_null_` false) or none."""
    if wanted.is_null_ is None:
        return true()
    some = flows.c.id.in_(select(_ASKED.c.flow_id))
    return ~some if wanted.is_null_ else some


def _parts(dialect: Dialect, wanted: DeploymentFilter) -> Iterator[Condition]:
    deployment = deployments.c
    if wanted.id is not None:
        yield criteria.any_or_none_of(dialect, deployment.id, wanted.id.any_, wanted.id.not_any_)
    if wanted.name is not None:
        yield criteria.name(dialect, deployment.name, wanted.name)
    if wanted.flow_or_deployment_name is not None:
        yield _flow_or_deployment_named(dialect, wanted.flow_or_deployment_name)
    if wanted.paused is not None:
        yield criteria.flag(deployment.paused, wanted.paused)
    if wanted.status is not None:
        yield criteria.any_or_none_of(dialect, deployment.status, wanted.status.any_, None)
    if wanted.tags is not None:
        yield criteria.tags(dialect, deployment.tags, wanted.tags)
    if wanted.work_queue_name is not None and wanted.work_queue_name.any_ is not None:
        asked = WorkQueueFilter.model_validate({"name": {"any_": wanted.work_queue_name.any_}})
        yield combine(Operator.AND, [own_queue_matches(dialect, deployment.work_queue_id, None, asked)])
    elif wanted.work_queue_name is not None:
        yield true()


def _flow_or_deployment_named(dialect: Dialect, wanted: LikeFilter) -> Condition:
    own = criteria.like(dialect, deployments.c.name, wanted.like_)
    of_flow = criteria.like(dialect, _FLOWS.c.name, wanted.like_)
    if own is None or of_flow is None:
        return true()
    return or_(own, deployments.c.flow_id.in_(select(_FLOWS.c.id).where(of_flow)))
