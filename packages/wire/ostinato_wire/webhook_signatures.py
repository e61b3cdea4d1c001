"""Signatures of webhooks after the Standard Webhooks specification, version 1 of the scheme with a shared secret."""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
PREFIX: Final = "whsec_"
"""How a secret begins whose rest is base64; any other is taken as the bytes of its text."""
TOLERANCE: Final = timedelta(minutes=5)
"""How old, or how far ahead, a request may be when it is verified."""
_VERSION: Final = "v1"
_MOST_DIGITS: Final = 12
"""Digits of a time in seconds: more than any that is near."""


class SignatureInvalid(ValueError):
    """A request was not signed with any of the secrets, or not now."""


def split_secrets(text: str) -> list[str]:
    """Return the secrets in a text, separated by spaces or commas: the old and the new one during a rotation.

    Errors: ValueError for one that begins as base64 and is none.
    """
    secrets = text.replace(",", " ").split()
    for secret in secrets:
        _key(secret)
    return secrets


def sign(secrets: Sequence[str], message_id: str, moment: datetime, body: bytes) -> dict[str, str]:
    """Return the headers that sign a body: one signature by each secret. `message_id` stays over all attempts."""
    timestamp = str(int(moment.timestamp()))
    signatures = [f"{_VERSION},{_signature(secret, message_id, timestamp, body)}" for secret in secrets]
    return {ID: message_id, TIMESTAMP: timestamp, SIGNATURE: " ".join(signatures)}


def verify(
    secrets: Sequence[str],
    headers: Mapping[str, str],
    moment: datetime,
    body: bytes,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """Return the id of a signed request whose headers have lower-case names; `moment` is now.

    Who has seen the id before has been sent the request again. Errors: SignatureInvalid.
    """
    message_id, timestamp, given = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not (message_id and timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= _MOST_DIGITS):
        raise SignatureInvalid(f"The headers {ID} and {TIMESTAMP} are missing, or not what they should be.")
    if abs(int(timestamp) - moment.timestamp()) > tolerance.total_seconds():
        raise SignatureInvalid(f"The {TIMESTAMP} is more than {tolerance} away from now.")
    offered = [value for version, _, value in (part.partition(",") for part in given.split()) if version == _VERSION]
    for secret in secrets:
        expected = _signature(secret, message_id, timestamp, body).encode()
        if any(hmac.compare_digest(expected, signature.encode()) for signature in offered):
            return message_id
    raise SignatureInvalid(f"No {_VERSION} signature fits.")


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return base64.b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError(f"A signing secret that begins with {PREFIX} goes on in base64.")
    return key
