"""All SQL about webhooks and the marks of what they have received."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select, update

from ostinato_core.db.prepared import prepare, prepare_insert, prepare_insert_or_ignore, prepare_locking
from ostinato_core.db.tables import webhook_receipts, webhooks
from ostinato_core.filters.webhooks import webhooks_where
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Parameters, Statement, Transaction
from ostinato_core.webhooks.errors import WebhookNotFound
from ostinato_wire.webhooks import WebhookFilter, WebhookSort

FORGOTTEN_AT_ONCE: Final = 100
"""Marks that are past and that a receipt takes away, at most."""

_WEBHOOK = webhooks.c
_RECEIPT = webhook_receipts.c
_ONE = select(webhooks).where(_WEBHOOK.id == bindparam("id"), _WEBHOOK.workspace_id == bindparam("workspace_id"))
_GET = prepare(_ONE)
_GET_LOCKED = prepare_locking(_ONE.with_for_update())
_BY_SLUG = prepare(
    select(webhooks).where(
        or_(
            _WEBHOOK.slug == bindparam("slug"),
            and_(_WEBHOOK.old_slug == bindparam("old_slug"), _WEBHOOK.old_expires > bindparam("now")),
        ),
        _WEBHOOK.enabled,
    )
)
_INSERT = prepare_insert(webhooks)
_MARK = prepare_insert_or_ignore(webhook_receipts, "webhook_id", "delivery")

_ORDERS: dict[WebhookSort, tuple[ColumnElement[Any], ...]] = {  # Any: columns are of many types
    WebhookSort.NAME_ASC: (_WEBHOOK.name.asc(), _WEBHOOK.id.asc()),
    WebhookSort.NAME_DESC: (_WEBHOOK.name.desc(), _WEBHOOK.id.desc()),
    WebhookSort.CREATED_DESC: (_WEBHOOK.created.desc(), _WEBHOOK.id.desc()),
    WebhookSort.UPDATED_DESC: (_WEBHOOK.updated.desc(), _WEBHOOK.id.desc()),
}


async def get(tx: Transaction, webhook_id: UUID, *, locked: bool = False) -> Row:
    """Return a webhook; `locked`: nobody else changes it until the end of the transaction. Errors: WebhookNotFound."""
    return await _one(tx, _GET_LOCKED if locked else _GET, {"id": webhook_id, "workspace_id": tx.workspace_id})


async def find_by_slug(tx: Transaction, slug: str) -> Row | None:
    """Return the enabled webhook, of any workspace, that a slug leads to, or led to before a rotation that overlaps."""
    return await tx.first(_BY_SLUG, {"slug": slug, "old_slug": slug, "now": tx.now})


async def insert(tx: Transaction, row: Row) -> None:
    """Insert a webhook."""
    await tx.run(_INSERT, row)


async def write(tx: Transaction, webhook_id: UUID, values: Mapping[str, Any]) -> Row:  # Any: columns of many types
    """Write columns of a webhook and return it whole. Errors: WebhookNotFound."""
    statement = update(webhooks).where(*_own(tx, webhook_id)).values(**values, updated=tx.now)
    return await _one(tx, statement.returning(*_WEBHOOK))


async def remove(tx: Transaction, webhook_id: UUID) -> Row:
    """Delete a webhook and return what it was. Errors: WebhookNotFound."""
    return await _one(tx, delete(webhooks).where(*_own(tx, webhook_id)).returning(*_WEBHOOK))


async def select_where(
    tx: Transaction, wanted: WebhookFilter | None, sort: WebhookSort, limit: int, offset: int
) -> Sequence[Row]:
    """Return the webhooks that match, in order."""
    chosen = select(webhooks).where(webhooks_where(tx, wanted))
    return await tx.rows(chosen.order_by(*_ORDERS[sort]).limit(limit).offset(offset))


async def count_where(tx: Transaction, wanted: WebhookFilter | None) -> int:
    """Return how many webhooks match."""
    return await tx.value(select(func.count()).select_from(webhooks).where(webhooks_where(tx, wanted)))


async def mark(tx: Transaction, webhook_id: UUID, delivery: str, expires: datetime) -> bool:
    """Remember a delivery; return False where it is remembered already. Marks that are past are taken away."""
    past = (
        select(_RECEIPT.delivery)
        .where(_RECEIPT.webhook_id == webhook_id, _RECEIPT.expires < tx.now)
        .order_by(_RECEIPT.expires)
        .limit(FORGOTTEN_AT_ONCE)
        # Each is taken away by one of those who receive at the same time, and none of them waits.
        .with_for_update(skip_locked=True)
    )
    await tx.run(delete(webhook_receipts).where(_RECEIPT.webhook_id == webhook_id, _RECEIPT.delivery.in_(past)))
    row = {"webhook_id": webhook_id, "delivery": delivery, "workspace_id": tx.workspace_id, "expires": expires}
    return await tx.run(_MARK, row) == 1


def _own(tx: Transaction, webhook_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _WEBHOOK.id == webhook_id, _WEBHOOK.workspace_id == tx.workspace_id


async def _one(tx: Transaction, statement: Statement, parameters: Parameters | None = None) -> Row:
    row = await tx.first(statement, parameters)
    if row is None:
        raise WebhookNotFound
    return row
