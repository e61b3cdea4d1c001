"""A mail server that keeps what it is sent, and refuses what a test says."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

# Any below: aiosmtpd's own types are not complete.


@dataclass
class Mailbox:
    """What a mail server has taken, what it refuses by command, and who logged in."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list[EmailMessage])
    recipients: list[str] = field(default_factory=list[str])
    logins: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])
    refusals: dict[str, str] = field(default_factory=dict[str, str])

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or refuse it."""
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Keep a mail, or refuse it."""
        if "DATA" in self.refusals:
            return self.refusals["DATA"]
        content: Any = envelope.content
        self.mails.append(message_from_bytes(content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        """Let in whose password is `pass`."""
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login, given.password))
        return AuthResult(success=given.password == b"pass", handled=False)


@asynccontextmanager
async def mail_server(tls: ssl.SSLContext | None = None, *, login: bool = False) -> AsyncGenerator[Mailbox]:
    """Serve a mailbox on 127.0.0.1; with a context it insists on STARTTLS, and with `login` on that."""
    box = Mailbox()
    loop = asyncio.get_running_loop()
    options: dict[str, Any] = {"auth_required": login, "authenticator": box.authenticate if login else None}
    if tls is not None:
        options |= {"tls_context": tls, "require_starttls": True}
    server = await loop.create_server(lambda: SMTP(box, loop=loop, hostname="localhost", **options), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
