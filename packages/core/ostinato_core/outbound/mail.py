"""Sending mail over SMTP."""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import UUID

from ostinato_core.clock import utc_now
from ostinato_core.outbound.outcome import Outcome, delivered, failed, lost
from ostinato_core.outbound.settings import MailTls, OutboundSettings
from ostinato_wire.mail_addresses import parse_mailbox

if TYPE_CHECKING:
    import aiosmtplib

_REASON: Final = 300
"""Characters of a server's words that are kept."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server and who mail is from; `timeout` in seconds bounds a mail in all."""

    host: str
    port: int
    tls: MailTls
    sender: str
    timeout: float
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def configured(cls, settings: OutboundSettings) -> "MailServer | None":
        """Return the server of the settings, or None without one. Errors: OSError for a password that is not there."""
        if settings.smtp_host is None or settings.smtp_sender is None:
            return None
        password = None if settings.smtp_password is None else settings.smtp_password.get_secret_value()
        if password is None and settings.smtp_password_file is not None:
            password = settings.smtp_password_file.read_text(encoding="utf-8").strip()
        return cls(
            host=settings.smtp_host,
            port=settings.smtp_port or (465 if settings.smtp_tls == "tls" else 587),
            tls=settings.smtp_tls,
            sender=settings.smtp_sender,
            timeout=settings.outbound_timeout,
            username=settings.smtp_username,
            password=password,
        )


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to send."""

    recipients: Sequence[str]
    subject: str
    body: str
    delivery_id: UUID


async def send(server: MailServer, mail: Mail) -> Outcome:
    """Send a mail by one connection to the server."""
    from ostinato_core.outbound.mail_message import compose

    try:
        content = compose(server.sender, mail, utc_now()).as_bytes()
    except ValueError:
        return lost("The mail cannot be written: look at its addresses.")
    return await _Attempt(server, mail.recipients).run(content)


class _Attempt:
    """One mail on its way: how far it got, and whom the server refused."""

    def __init__(self, server: MailServer, recipients: Sequence[str]) -> None:
        self._server = server
        self._recipients = recipients
        self._refusals: dict[str, str] = {}
        self._is_under_way = False
        self._is_taken = False

    async def run(self, message: bytes) -> Outcome:
        """Send it, and say in words what went wrong."""
        import aiosmtplib

        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            username=server.username,
            password=server.password,
            local_hostname=socket.gethostname(),  # the default asks the resolver, and all wait for it
            timeout=server.timeout,
        )
        try:
            async with asyncio.timeout(server.timeout):
                await client.connect()
                await self._exchange(client, message)
                await client.quit()
        except aiosmtplib.SMTPResponseException as error:
            return self._refused(error)
        except (aiosmtplib.SMTPException, OSError) as error:
            return self._broken(error)
        finally:
            client.close()
        return self._outcome()

    async def _exchange(self, client: "aiosmtplib.SMTP", message: bytes) -> None:
        import aiosmtplib

        await client.mail(parse_mailbox(self._server.sender)[1])
        last: aiosmtplib.SMTPResponseException | None = None
        for recipient in self._recipients:
            try:
                await client.rcpt(recipient)
            except aiosmtplib.SMTPRecipientRefused as error:
                self._refusals[recipient] = _words(error)
                last = error
        if last is not None and len(self._refusals) == len(self._recipients):
            raise last
        self._is_under_way = True
        await client.data(message)
        self._is_taken = True

    def _refused(self, error: "aiosmtplib.SMTPResponseException") -> Outcome:
        if self._is_taken:
            return self._outcome()
        reason = f"{self._server.host} refused it: {_words(error)}"
        return lost(reason, {"code": error.code}) if error.code >= 500 else failed(reason, {"code": error.code})

    def _broken(self, error: Exception) -> Outcome:
        if self._is_taken:
            return self._outcome()
        host = self._server.host
        late = isinstance(error, TimeoutError)
        if self._is_under_way:
            how = f"did not answer within {self._server.timeout:g} seconds" if late else "ended the connection"
            return lost(f"{host} {how} while it took the mail; it may have been sent.")
        if late:
            return failed(f"{host} did not answer within {self._server.timeout:g} seconds.")
        return failed(f"{host} could not be reached, or not as told ({type(error).__name__}).")

    def _outcome(self) -> Outcome:
        if not self._refusals:
            return delivered()
        told = len(self._recipients) - len(self._refusals)
        reason = f"{len(self._refusals)} of {told + len(self._refusals)} addresses were refused."
        return lost(reason, {"refused": self._refusals})


def _words(error: "aiosmtplib.SMTPResponseException") -> str:
    return f"{error.code} {' '.join(error.message.split())}"[:_REASON]
