"""Mail addresses: that each is one mailbox, and cannot smuggle further headers or recipients into a mail."""

import re
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, Field

_PART: Final = r"[^\s@<>()\[\],;:\\\"]"
_ADDRESS: Final = re.compile(rf"{_PART}{{1,64}}@{_PART}{{1,255}}")
_MAILBOX: Final = re.compile(rf"(?P<name>[^<>@\"\\,;:]*)<(?P<address>{_ADDRESS.pattern})>")
LONGEST: Final = 320
"""Characters of a mailbox, at most."""


def check_mail_address(text: str) -> str:
    """Return an address such as `ops@example.com`. Errors: ValueError."""
    if not (text.isascii() and text.isprintable() and _ADDRESS.fullmatch(text)):
        raise ValueError("must be a mail address such as ops@example.com, in ASCII")
    return text


def parse_mailbox(text: str) -> tuple[str, str]:
    """Return name and address of a mailbox such as `ops@example.com` or `Ops <ops@example.com>`. Errors: ValueError."""
    found = _MAILBOX.fullmatch(text.strip())
    name, address = (found["name"].strip(), found["address"]) if found else ("", text)
    if len(text) > LONGEST or not text.isprintable():
        raise ValueError("must be a mail address such as ops@example.com or Ops <ops@example.com>")
    return name, check_mail_address(address)


MailAddress: TypeAlias = Annotated[str, Field(max_length=LONGEST), AfterValidator(check_mail_address)]
"""An address such as `ops@example.com`."""
