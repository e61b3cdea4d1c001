"""The filter of service level agreements, as a condition."""

from ostinato_core.db.tables import slas
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Condition
from ostinato_core.transaction import Transaction
from ostinato_wire.slas import SlasWhere


def slas_where(tx: Transaction, where: SlasWhere) -> Condition:
    """Return the condition on a row of `slas`, the workspace included."""
    conditions: list[Condition | None] = [slas.c.workspace_id == tx.workspace_id]
    if where.owner_resource is not None:
        conditions.append(slas.c.owner_resource == where.owner_resource)
    if (wanted := where.slas) is not None:
        found: list[Condition | None] = []
        if wanted.name is not None:
            found.append(criteria.name(tx.dialect, slas.c.name, wanted.name))
        if wanted.kind is not None:
            found.append(criteria.any_of(tx.dialect, slas.c.kind, wanted.kind.any_))
        if wanted.severity is not None:
            found.append(criteria.any_of(tx.dialect, slas.c.severity, wanted.severity.any_))
        if wanted.last_violated is not None:
            found.append(criteria.nullable_interval(slas.c.last_violated, wanted.last_violated))
        conditions.append(criteria.combine(wanted.operator, found))
    return criteria.combine(criteria.Operator.AND, conditions)
