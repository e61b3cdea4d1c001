"""The filter of flows, as a condition."""

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import flows
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Condition
from ostinato_core.filters.deployments import has_deployments
from ostinato_wire.flows import FlowFilter


def flow_matches(dialect: Dialect, wanted: FlowFilter) -> Condition:
    """Return the condition on a row of `flows`."""
    conditions: list[Condition | None] = []
    if wanted.id is not None:
        conditions.append(criteria.any_or_none_of(dialect, flows.c.id, wanted.id.any_, wanted.id.not_any_))
    if wanted.deployment is not None:
        conditions.append(has_deployments(wanted.deployment))
    if wanted.name is not None:
        conditions.append(criteria.name(dialect, flows.c.name, wanted.name))
    if wanted.tags is not None:
        conditions.append(criteria.tags(dialect, flows.c.tags, wanted.tags))
    return criteria.combine(wanted.operator, conditions)
