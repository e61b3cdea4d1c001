"""The actions that reach out of the server: what is sent is made in a transaction, and sent after it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from ostinato_core.alerting.gathering import Gathered
from ostinato_core.alerting.text import gathered_text
from ostinato_core.automations.actions.context import Names, names_for
from ostinato_core.automations.actions.errors import ActionFailed, refused
from ostinato_core.automations.actions.own import Job
from ostinato_core.automations.actions.rendering import render
from ostinato_core.block_documents import repository as block_documents
from ostinato_core.block_documents.operations import read_block_document
from ostinato_core.encryption.key_ring import KeyRing
from ostinato_core.errors import NotFound
from ostinato_core.events.new_event import NewEvent
from ostinato_core.outbound import Block, Outbound, Outcome
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction
from ostinato_wire.actions import CallWebhook, SendEmailNotification, SendNotification
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE
from ostinato_wire.webhook_blocks import SLUG as WEBHOOK

Outgoing = SendNotification | CallWebhook | SendEmailNotification


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent: `subject` is of messages only, `addresses` of mail, and `block` of all but mail."""

    body: str
    subject: str | None = None
    block: Block | None = None
    addresses: Sequence[str] = ()

    def by(self, block: Block) -> "Letter":
        """Return the letter as it goes out by a block."""
        return replace(self, block=block)

    def telling(self, gathered: Gathered | None) -> "Letter":
        """Return the letter with what it tells beside its own."""
        if self.subject is None:
            return self
        subject, body = gathered_text(gathered, self.subject, self.body)
        return replace(self, subject=subject, body=body)

    async def send(self, outbound: Outbound, delivery_id: UUID) -> Outcome:
        """Send it once."""
        if self.block is None:
            return await outbound.send_mail(self.addresses, self.subject or "", self.body, delivery_id)
        if self.subject is None:
            return await outbound.call_webhook(self.block, self.body, delivery_id)
        return await outbound.send_notification(self.block, self.subject, self.body)


@dataclass(frozen=True, slots=True)
class LoadedBlock:
    """A block whose secrets are in clear, and how events tell of it."""

    block: Block
    related: list[JsonDict]
    event: NewEvent


async def load_block(tx: Transaction, action: Outgoing, keys: Callable[[], KeyRing]) -> LoadedBlock | None:
    """Return the block by which an action sends, None for mail. Errors: ActionFailed; EncryptionFailed."""
    if isinstance(action, SendEmailNotification):
        return None
    try:
        document = await read_block_document(tx, action.block_document_id, keys(), include_secrets=True)
    except NotFound as error:
        raise refused(action.type, error) from error
    slug = document["block_type"]["slug"]
    _check_block(action, slug, document["block_schema"]["capabilities"])
    resource = {RESOURCE_ID: f"prefect.block-document.{document['id']}", RESOURCE_NAME: document["name"]}
    block_type = {RESOURCE_ID: f"prefect.block-type.{slug}", RESOURCE_ROLE: "block-type"}
    return LoadedBlock(
        Block(slug, document["data"]),
        [{**resource, RESOURCE_ROLE: "block"}, block_type],
        {"event": f"prefect.block.{slug}.loaded", "resource": resource, "related": [block_type]},
    )


async def check_block(tx: Transaction, action: Outgoing) -> None:
    """Check that an action can send by the block that it names, without opening it. Errors: ActionFailed."""
    if isinstance(action, SendEmailNotification):
        return
    try:
        row = await block_documents.get(tx, action.block_document_id)
    except NotFound as error:
        raise refused(action.type, error) from error
    _check_block(action, row["type_slug"], row["schema_capabilities"])


def _check_block(action: SendNotification | CallWebhook, slug: str, capabilities: Sequence[str]) -> None:
    if isinstance(action, CallWebhook) and slug != WEBHOOK:
        raise ActionFailed("The referenced block was not a webhook block")
    if isinstance(action, SendNotification) and "notify" not in capabilities:
        raise ActionFailed("The referenced block was not a notification block")


async def write_letter(tx: Transaction, job: Job, block: Block | None) -> Letter:
    """Return what an action sends, rendered. Errors: ActionFailed."""
    action: Outgoing = job.action
    if isinstance(action, CallWebhook):
        names = await names_for(tx, job.occasion, [action.payload])
        return Letter(render(action.payload, names), block=block)
    names: Names = await names_for(tx, job.occasion, [action.subject, action.body])
    subject, body = render(action.subject, names), render(action.body, names)
    addresses = tuple(action.emails) if isinstance(action, SendEmailNotification) else ()
    return Letter(body, subject, block, addresses)
