"""The filter of webhooks, as a condition."""

from ostinato_core.db.tables import webhooks
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Condition
from ostinato_core.transaction import Transaction
from ostinato_wire.webhooks import WebhookFilter


def webhooks_where(tx: Transaction, wanted: WebhookFilter | None) -> Condition:
    """Return the condition on a row of `webhooks`, the workspace included."""
    own = webhooks.c.workspace_id == tx.workspace_id
    if wanted is None:
        return own
    conditions: list[Condition | None] = []
    if wanted.id is not None:
        conditions.append(criteria.any_or_none_of(tx.dialect, webhooks.c.id, wanted.id.any_, None))
    if wanted.name is not None:
        conditions.append(criteria.name(tx.dialect, webhooks.c.name, wanted.name))
    if wanted.enabled is not None:
        conditions.append(criteria.flag(webhooks.c.enabled, wanted.enabled))
    return criteria.combine(criteria.Operator.AND, (own, criteria.combine(wanted.operator, conditions)))
