"""The filter of variables, as a condition."""

from ostinato_core.db.tables import variables
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Condition
from ostinato_core.transaction import Transaction
from ostinato_wire.variables import VariableFilter


def variables_where(tx: Transaction, wanted: VariableFilter | None) -> Condition:
    """Return the condition on a row of `variables`, the workspace included."""
    own = variables.c.workspace_id == tx.workspace_id
    if wanted is None:
        return own
    conditions: list[Condition | None] = []
    if wanted.id is not None:
        conditions.append(criteria.any_or_none_of(tx.dialect, variables.c.id, wanted.id.any_, None))
    if wanted.name is not None:
        conditions.append(criteria.name(tx.dialect, variables.c.name, wanted.name))
    if wanted.tags is not None:
        conditions.append(criteria.tags(tx.dialect, variables.c.tags, wanted.tags))
    return criteria.combine(criteria.Operator.AND, (own, criteria.combine(wanted.operator, conditions)))
