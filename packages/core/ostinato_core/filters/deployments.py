"""Restrictions by deployments.

There is no such table yet: every run's and flow's deployment is null, and a null parent does not match. What asks for
them is answered here alone, so that their table has one place to come in.
"""

from sqlalchemy import false, true

from ostinato_core.filters.criteria import Condition
from ostinato_wire.flows import FlowFilterDeployment
from ostinato_wire.queries import FlowRunsWhere, FlowsWhere, RunsWhere


def own_deployment_matches(where: RunsWhere) -> Condition | None:
    """Whether the deployment of a flow run, or some deployment of a flow, fits what `where` asks of it."""
    pools = where.work_pools if isinstance(where, FlowsWhere) and not isinstance(where, FlowRunsWhere) else None
    return None if where.deployments is None and pools is None else false()


def has_deployments(criteria: FlowFilterDeployment) -> Condition:
    """Whether a flow has deployments (`is_null_` false) or none."""
    return false() if criteria.is_null_ is False else true()
