"""Restrictions by deployments, work pools and work queues.

There are no such tables yet: every run's and flow's deployment, pool and queue is null, and a null parent does not
match. What asks for them is answered here alone, so that their tables have one place to come in.
"""

from sqlalchemy import false, true

from ostinato_core.filters.criteria import Condition
from ostinato_wire.flows import FlowFilterDeployment
from ostinato_wire.queries import FlowRunsWhere, FlowsWhere, RunsWhere


def own_deployment_matches(where: RunsWhere) -> Condition | None:
    """Whether the deployment, pool and queue of a flow run, or of some run of a flow, fit what `where` asks of them."""
    pools = where.work_pools if isinstance(where, FlowsWhere) else None
    queues = where.work_pool_queues if isinstance(where, FlowRunsWhere) else None
    return None if where.deployments is None and pools is None and queues is None else false()


def has_deployments(criteria: FlowFilterDeployment) -> Condition:
    """Whether a flow has deployments (`is_null_` false) or none."""
    return false() if criteria.is_null_ is False else true()
