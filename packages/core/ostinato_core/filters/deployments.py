"""The filter of deployments, and restrictions by the deployment, work pool and work queue of a run or a flow."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, literal, or_, select, true

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import deployments, flow_runs, flows, work_pools, work_queues
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Condition, Operator, combine
from ostinato_core.filters.work_pools import work_pool_matches, work_queue_matches
from ostinato_wire.filters import DeploymentFilter, NameFilter, WorkPoolFilter, WorkQueueFilter
from ostinato_wire.flows import FlowFilterDeployment
from ostinato_wire.queries import FlowRunsWhere, FlowsWhere, RunsWhere

_DEPLOYMENT = deployments.c


def deployment_matches(dialect: Dialect, wanted: DeploymentFilter) -> Condition:
    """Return the condition on a row of `deployments`."""
    return combine(wanted.operator, _parts(dialect, wanted))


def own_deployment_matches(dialect: Dialect, where: RunsWhere) -> Condition | None:
    """Whether a flow run's own deployment, pool and queue fit what `where` asks of them."""
    parts: list[Condition | None] = []
    if where.deployments is not None:
        own = (_DEPLOYMENT.id == flow_runs.c.deployment_id, deployment_matches(dialect, where.deployments))
        parts.append(select(literal(1)).select_from(deployments).where(*own).correlate(flow_runs).exists())
    pools = where.work_pools if isinstance(where, FlowsWhere) else None
    queues = where.work_pool_queues if isinstance(where, FlowRunsWhere) else None
    parts.append(queue_matches(dialect, flow_runs.c.work_queue_id, pools, queues))
    return _all(parts)


def some_deployment_matches(dialect: Dialect, where: FlowsWhere) -> Condition | None:
    """Whether some deployment of a flow fits, by its pool too."""
    parts: list[Condition | None] = []
    if where.deployments is not None:
        parts.append(deployment_matches(dialect, where.deployments))
    parts.append(queue_matches(dialect, _DEPLOYMENT.work_queue_id, where.work_pools, None))
    asked = _all(parts)
    if asked is None:
        return None
    own = (_DEPLOYMENT.flow_id == flows.c.id, asked)
    return select(literal(1)).select_from(deployments).where(*own).correlate(flows).exists()


def has_deployments(wanted: FlowFilterDeployment) -> Condition:
    """Whether a flow has deployments (`is_null_` false) or none."""
    if wanted.is_null_ is None:
        return true()
    some = select(literal(1)).select_from(deployments).where(_DEPLOYMENT.flow_id == flows.c.id)
    exists = some.correlate(flows).exists()
    return ~exists if wanted.is_null_ else exists


def queue_matches(
    dialect: Dialect, queue_id: ColumnElement[object], pools: WorkPoolFilter | None, queues: WorkQueueFilter | None
) -> Condition | None:
    """Whether the work queue in a column, and its pool, fit; None where nothing is asked of them."""
    if pools is None and queues is None:
        return None
    # Other names than those of the statement around it, which may read these tables too.
    queue, pool = work_queues.alias("asked_queues"), work_pools.alias("asked_pools")
    conditions: list[Condition] = [queue.c.id == queue_id]
    source = select(literal(1)).select_from(queue)
    if pools is not None:
        source = select(literal(1)).select_from(queue.join(pool, pool.c.id == queue.c.work_pool_id))
        conditions.append(work_pool_matches(dialect, pool, pools))
    if queues is not None:
        conditions.append(work_queue_matches(dialect, queue, queues))
    return source.where(*conditions).correlate_except(queue, pool).exists()


def _parts(dialect: Dialect, wanted: DeploymentFilter) -> Iterator[Condition]:
    if wanted.id is not None:
        yield criteria.any_or_none_of(dialect, _DEPLOYMENT.id, wanted.id.any_, wanted.id.not_any_)
    if wanted.name is not None:
        yield criteria.name(dialect, _DEPLOYMENT.name, wanted.name)
    if wanted.flow_or_deployment_name is not None:
        yield _flow_or_deployment_named(wanted.flow_or_deployment_name)
    if wanted.paused is not None:
        yield criteria.flag(_DEPLOYMENT.paused, wanted.paused)
    if wanted.tags is not None:
        yield criteria.tags(dialect, _DEPLOYMENT.tags, wanted.tags)
    if wanted.work_queue_name is not None:
        asked = WorkQueueFilter.model_validate({"name": {"any_": wanted.work_queue_name.any_}})
        matches = queue_matches(dialect, _DEPLOYMENT.work_queue_id, None, asked)
        yield true() if matches is None or wanted.work_queue_name.any_ is None else matches


def _flow_or_deployment_named(wanted: NameFilter) -> Condition:
    own = criteria.like(_DEPLOYMENT.name, wanted.like_)
    of_flow = criteria.like(flows.c.name, wanted.like_)
    if own is None or of_flow is None:
        return true()
    flow = select(literal(1)).select_from(flows).where(flows.c.id == _DEPLOYMENT.flow_id, of_flow)
    return or_(own, flow.correlate(deployments).exists())


def _all(parts: list[Condition | None]) -> Condition | None:
    return None if all(part is None for part in parts) else combine(Operator.AND, parts)
