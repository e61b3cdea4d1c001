"""What can be done with webhooks. `keys` seal and open their secrets."""

from datetime import timedelta
from uuid import UUID

from pydantic import SecretStr

from ostinato_core.encryption.key_ring import KeyRing
from ostinato_core.events.outbox import NewEvent, record
from ostinato_core.ids import new_id
from ostinato_core.parameters.errors import TemplateInvalid
from ostinato_core.parameters.templates import validate_template
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.webhooks import repository
from ostinato_core.webhooks.errors import WebhookInvalid
from ostinato_core.webhooks.rendering import RESOURCE_KIND, resource_of
from ostinato_core.webhooks.secrets import (
    Secrets,
    check_secret,
    new_secret,
    new_slug,
    open_secrets,
    sealed_columns,
)
from ostinato_wire.webhooks import (
    WebhookCreate,
    WebhookRotate,
    WebhookSignature,
    WebhooksQuery,
    WebhooksWhere,
    WebhookUpdate,
)

_HIDDEN = ("workspace_id", "secrets", "key_id", "old_slug")


async def create_webhook(tx: Transaction, given: WebhookCreate, keys: KeyRing) -> JsonDict:
    """Make a webhook, and return it with its secret. Errors: WebhookInvalid."""
    _check_template(given.template)
    secret = _secret(given.signature, given.secret)
    id_ = new_id()
    row: JsonDict = {
        "id": id_,
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "updated": tx.now,
        **given.model_dump(include={"name", "description", "enabled", "template"}),
        "slug": new_slug(),
        "signature": given.signature.value,
        "old_slug": None,
        "old_expires": None,
        **sealed_columns(keys, tx.workspace_id, id_, None if secret is None else Secrets(secret)),
    }
    await repository.insert(tx, row)
    await record(tx, _event("created", row))
    return _shown(row, secret)


async def read_webhook(tx: Transaction, webhook_id: UUID) -> JsonDict:
    """Return a webhook. Errors: WebhookNotFound."""
    return _shown(await repository.get(tx, webhook_id))


async def read_webhooks(tx: Transaction, query: WebhooksQuery, limit: int) -> list[JsonDict]:
    """Return webhooks that match, at most `limit`."""
    rows = await repository.select_where(tx, query.webhooks, query.sort, limit, query.offset)
    return [_shown(row) for row in rows]


async def count_webhooks(tx: Transaction, where: WebhooksWhere) -> int:
    """Return how many webhooks match."""
    return await repository.count_where(tx, where.webhooks)


async def update_webhook(tx: Transaction, webhook_id: UUID, update: WebhookUpdate, keys: KeyRing) -> JsonDict:
    """Write the members that are present, and return the webhook, with its secret where that is another one.

    Errors: WebhookNotFound; WebhookInvalid.
    """
    stored = await repository.get(tx, webhook_id, locked=True)
    values = update.model_dump(exclude_unset=True, exclude_none=True, mode="json", exclude={"secret"})
    if update.template is not None:
        _check_template(update.template)
    signature = update.signature or WebhookSignature(stored["signature"])
    secret = None
    if signature != stored["signature"] or update.secret is not None:
        secret = _secret(signature, update.secret)
        kept = None if secret is None else Secrets(secret)
        values |= sealed_columns(keys, tx.workspace_id, webhook_id, kept)
    row = await repository.write(tx, webhook_id, values)
    await record(tx, _event("updated", row))
    return _shown(row, secret)


async def rotate_webhook(tx: Transaction, webhook_id: UUID, wanted: WebhookRotate, keys: KeyRing) -> JsonDict:
    """Give a webhook another slug and secret, and return it with them; the old ones are taken for as long as asked.

    What an earlier rotation has left is taken no longer. Errors: WebhookNotFound.
    """
    stored = await repository.get(tx, webhook_id, locked=True)
    overlaps = wanted.old_expires_in_seconds > 0
    values: JsonDict = {
        "old_slug": stored["slug"] if overlaps and wanted.slug else None,
        "old_expires": tx.now + timedelta(seconds=wanted.old_expires_in_seconds) if overlaps else None,
    }
    if wanted.slug:
        values["slug"] = new_slug()
    known = open_secrets(keys, stored)
    secret = new_secret(WebhookSignature(stored["signature"])) if wanted.secret else None
    if known is not None:
        kept = Secrets(secret, known.current if overlaps else None) if secret is not None else Secrets(known.current)
        values |= sealed_columns(keys, tx.workspace_id, webhook_id, kept)
    row = await repository.write(tx, webhook_id, values)
    await record(tx, _event("rotated", row))
    return _shown(row, secret)


async def delete_webhook(tx: Transaction, webhook_id: UUID) -> None:
    """Delete a webhook. Errors: WebhookNotFound."""
    await record(tx, _event("deleted", await repository.remove(tx, webhook_id)))


def _check_template(template: str) -> None:
    try:
        validate_template(template)
    except TemplateInvalid as error:
        raise WebhookInvalid("template", f"is not a valid template: {error.message}") from error


def _secret(signature: WebhookSignature, given: SecretStr | None) -> str | None:
    if given is None:
        return new_secret(signature)
    check_secret(signature, given.get_secret_value())
    return given.get_secret_value()


def _shown(row: Row, secret: str | None = None) -> JsonDict:
    shown = {name: value for name, value in row.items() if name not in _HIDDEN}
    return shown | {"service_account_id": None, "secret": secret}


def _event(change: str, row: Row) -> NewEvent:
    payload = {name: row[name] for name in ("name", "description", "enabled", "template", "signature")}
    return {"event": f"{RESOURCE_KIND}.{change}", "resource": resource_of(row), "payload": payload}
