"""Whether a request to a webhook was signed by who knows its secret, and by what name it is remembered."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ostinato_core.clock import utc_now
from ostinato_core.webhooks.errors import RequestRefused
from ostinato_wire import webhook_signatures as standard
from ostinato_wire.webhooks import WebhookSignature

GITHUB_HEADER: Final = "x-hub-signature-256"
GITHUB_ALGORITHM: Final = "sha256="


@dataclass(frozen=True, slots=True)
class Windows:
    """How far a sender's clock may be from ours, and for how long a delivery without a time is remembered."""

    tolerance: timedelta
    memory: timedelta


@dataclass(frozen=True, slots=True)
class Delivery:
    """What names a delivery that was signed, and until when it must not be taken again."""

    name: str
    expires: datetime


def verified(
    signature: WebhookSignature, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, windows: Windows
) -> Delivery | None:
    """Return the delivery of a request that was signed with one of the secrets; None where none need be signed.

    Errors: RequestRefused.
    """
    match signature:
        case WebhookSignature.NONE:
            return None
        case WebhookSignature.STANDARD:
            return _standard(secrets, headers, body, windows)
        case WebhookSignature.GITHUB:
            return _github(secrets, headers, body, windows)


def sign_as_github(secret: str, body: bytes) -> dict[str, str]:
    """Return the header that GitHub adds to a request."""
    return {GITHUB_HEADER: GITHUB_ALGORITHM + hmac.digest(secret.encode(), body, "sha256").hex()}


def _standard(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, windows: Windows) -> Delivery:
    try:
        message_id = standard.verify(secrets, headers, utc_now(), body, windows.tolerance)
    except standard.SignatureInvalid as error:
        raise RequestRefused(str(error)) from None
    sent = datetime.fromtimestamp(int(headers[standard.TIMESTAMP]), UTC)
    # Twice as long as the time itself is taken, because the clocks of replicas differ, too; by a digest, because a
    # sender's id may be of any length.
    return Delivery(hashlib.sha256(message_id.encode()).hexdigest(), sent + 2 * windows.tolerance)


def _github(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, windows: Windows) -> Delivery:
    stated = headers.get(GITHUB_HEADER, "").encode()
    if not stated:
        raise RequestRefused("The header X-Hub-Signature-256 is missing.")
    if not any(hmac.compare_digest(sign_as_github(secret, body)[GITHUB_HEADER].encode(), stated) for secret in secrets):
        raise RequestRefused("No signature fits.")
    # The delivery's id is not signed: whoever replays could choose another. What is signed is the body.
    return Delivery(hashlib.sha256(stated).hexdigest(), utc_now() + windows.memory)
