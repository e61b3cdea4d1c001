"""What an answer over HTTP means for a delivery, and what of it may be shown."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from ostinato_core.outbound.http import Answer
from ostinato_core.outbound.outcome import Outcome, delivered, failed, lost
from ostinato_core.states.rows import JsonDict
from ostinato_wire.notifications import HttpRequest

EXCERPT: Final = 1000
"""Characters of an answer's body that are kept."""
_HIDDEN: Final = "********"
_SHORTEST: Final = 6
"""Characters from which a part of a request is hidden where an answer repeats it."""
_SECRET_HEADERS: Final = ("auth", "cookie", "token", "secret", "key", "signature", "credential", "session")
_PLAIN_HEADERS: Final = frozenset({"content-type", "accept", "user-agent"})
"""Headers of a request that hold no secret; an answer often has the same content type."""
_AGAIN: Final = frozenset({408, 425, 429})
_LONGEST_WAIT: Final = 3600.0


def outcome_of(host: str, request: HttpRequest, answer: Answer, now: datetime) -> Outcome:
    """Return what an answer means: 2xx is delivered; 5xx, 408, 425 and 429 ask for another attempt."""
    details = _details(request, answer, now)
    if 200 <= answer.status < 300:
        return delivered(details)
    if 300 <= answer.status < 400:
        return lost(f"{host} answered {answer.status}, a redirect, which is not followed.", details)
    reason = f"{host} refused it with status {answer.status}."
    return failed(reason, details) if answer.status >= 500 or answer.status in _AGAIN else lost(reason, details)


def _details(request: HttpRequest, answer: Answer, now: datetime) -> JsonDict:
    hidden = _secrets_of(request)
    details: JsonDict = {
        "status": answer.status,
        "headers": {
            name: _without(value, hidden)[:EXCERPT]
            for name, value in answer.headers.items()
            if not any(word in name.lower() for word in _SECRET_HEADERS)
        },
        "body": _without(answer.text, hidden)[:EXCERPT],
    }
    wait = _retry_after(answer, now)
    return details if wait is None else {**details, "retry_after": wait}


def _secrets_of(request: HttpRequest) -> list[str]:
    """Return what an answer may repeat of a request and must not be shown, the longest first."""
    _, _, path = request.url.partition("://")
    parts = [request.url, path, *path.split("/")[1:], *path.partition("?")[2].split("&")]
    headers = {name: value for name, value in (request.headers or {}).items() if name.lower() not in _PLAIN_HEADERS}
    for given in (headers, request.query or {}, request.cookies or {}):
        parts += given.values()
    parts += [word for value in headers.values() for word in value.split()]
    parts += request.basic_auth or ()
    return sorted({part for part in parts if len(part) >= _SHORTEST}, key=len, reverse=True)


def _without(text: str, hidden: list[str]) -> str:
    for secret in hidden:
        text = text.replace(secret, _HIDDEN)
    return text


def _retry_after(answer: Answer, now: datetime) -> float | None:
    """Return for how many seconds a service asks to be left alone (RFC 9110, section 10.2.3)."""
    text = next((value for name, value in answer.headers.items() if name.lower() == "retry-after"), "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return min(max((moment - now).total_seconds(), 0.0), _LONGEST_WAIT)
