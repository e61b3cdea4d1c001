"""The filter of incidents, as a condition."""

from ostinato_core.db.tables import incidents
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Condition
from ostinato_core.transaction import Transaction
from ostinato_wire.incidents import IncidentFilter


def incidents_where(tx: Transaction, wanted: IncidentFilter | None) -> Condition:
    """Return the condition on a row of `incidents`, the workspace included."""
    own = incidents.c.workspace_id == tx.workspace_id
    if wanted is None:
        return own
    conditions: list[Condition | None] = []
    if wanted.id is not None:
        conditions.append(criteria.any_or_none_of(tx.dialect, incidents.c.id, wanted.id.any_, None))
    if wanted.name is not None:
        conditions.append(criteria.name(tx.dialect, incidents.c.name, wanted.name))
    if wanted.status is not None:
        conditions.append(criteria.any_of(tx.dialect, incidents.c.status, wanted.status.any_))
    if wanted.severity is not None:
        conditions.append(criteria.any_of(tx.dialect, incidents.c.severity, wanted.severity.any_))
    if wanted.start_time is not None:
        conditions.append(criteria.interval(incidents.c.start_time, wanted.start_time))
    if wanted.tags is not None:
        conditions.append(criteria.tags(tx.dialect, incidents.c.tags, wanted.tags))
    return criteria.combine(criteria.Operator.AND, (own, criteria.combine(wanted.operator, conditions)))
