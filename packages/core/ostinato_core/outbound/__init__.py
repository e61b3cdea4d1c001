"""Everything that leaves the server: messages by notification blocks, webhooks, and mail.

`Outbound` is the only way out. It calls public machines and those that a setting allows, within a time limit, and what
it says of failures holds no secret. Nothing here reads or writes the database: whoever calls it does so between two
transactions, and keeps the outcome.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from ostinato_core.outbound import mail, notifications, webhooks
from ostinato_core.outbound.allowed import AllowList
from ostinato_core.outbound.http import HttpClient
from ostinato_core.outbound.notifications import Block
from ostinato_core.outbound.outcome import Outcome, lost
from ostinato_core.outbound.settings import OutboundSettings

if TYPE_CHECKING:
    from aiohttp.abc import AbstractResolver

__all__ = ["Block", "Outbound", "Outcome"]


class Outbound:
    """Sends things to the world. It keeps no connection, so it needs no closing and may be shared by tasks."""

    def __init__(self, settings: OutboundSettings, resolver: "AbstractResolver | None" = None) -> None:
        """Errors: OSError where the file with the mail server's password cannot be read."""
        self._client = HttpClient(AllowList.parse(settings.outbound_allowed), settings.outbound_timeout, resolver)
        self._mail_server = mail.MailServer.configured(settings)

    async def send_notification(self, block: Block, subject: str | None, body: str) -> Outcome:
        """Send a message by a notification block."""
        return await notifications.notify(self._client, block, subject, body)

    async def call_webhook(self, block: Block, payload: str, delivery_id: UUID) -> Outcome:
        """Call a webhook block; `delivery_id` is the same at every attempt, and goes out as `webhook-id`."""
        return await webhooks.call(self._client, block, payload, delivery_id)

    async def send_mail(self, addresses: Sequence[str], subject: str, body: str, delivery_id: UUID) -> Outcome:
        """Send one mail to all addresses; `delivery_id` is the same at every attempt, and makes its `Message-ID`."""
        if self._mail_server is None:
            return lost("The server has no mail server: set OSTINATO_SMTP_HOST and OSTINATO_SMTP_SENDER.")
        return await mail.send(self._mail_server, mail.Mail(addresses, subject, body, delivery_id))
