"""Composing a mail: text and the same as simple HTML, with headers by which machines know what it is."""

import html
import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from ostinato_core.outbound.mail import Mail
from ostinato_wire.mail_addresses import parse_mailbox

LONGEST_SUBJECT: Final = 250
"""Characters of a subject that are kept."""
LONGEST_BODY: Final = 256 * 1024
"""Characters of a body that are kept."""
_URL: Final = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_PAGE: Final = (
    '<!doctype html><html><body style="font-family: sans-serif; font-size: 14px">'
    '<div style="white-space: pre-wrap">{}</div></body></html>'
)


def compose(sender: str, mail: Mail, now: datetime) -> EmailMessage:
    """Return a mail as it is sent. Its id is that of the delivery at every attempt, so that readers see one copy.

    Errors: ValueError for what no mail can hold.
    """
    name, address = parse_mailbox(sender)
    origin = Address(name, addr_spec=address)
    message = EmailMessage(policy=SMTP)
    message["From"] = origin
    message["To"] = [Address(addr_spec=recipient) for recipient in mail.recipients]
    message["Subject"] = " ".join(_printable(mail.subject).split())[:LONGEST_SUBJECT]
    message["Date"] = now
    message["Message-ID"] = f"<{mail.delivery_id}@{origin.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notices, please
    message["X-Auto-Response-Suppress"] = "All"
    text = _printable(mail.body)[:LONGEST_BODY]
    message.set_content(text)
    message.add_alternative(_PAGE.format(_as_html(text)), subtype="html")
    return message


def _printable(text: str) -> str:
    """Return a text without the control characters and halves of characters that no mail may have."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _as_html(text: str) -> str:
    """Return a text as HTML in which addresses can be followed and nothing else means anything."""
    parts: list[str] = []
    end = 0
    for match in _URL.finditer(text):
        url = html.escape(match[0])
        parts += [html.escape(text[end : match.start()]), f'<a href="{url}">{url}</a>']
        end = match.end()
    return "".join([*parts, html.escape(text[end:])])
