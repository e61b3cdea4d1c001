"""What can go wrong between a client and a server. Import from here only where httpx may be loaded."""

from __future__ import annotations

from typing import Self, cast

import httpx
import orjson

from ostinato.client.retries import RETRIED_STATUSES
from ostinato.exceptions import ObjectAlreadyExists, ObjectNotFound, OstinatoError
from ostinato_wire.base import Json

__all__ = [
    "ApiUnreachable",
    "ApiVersionMismatch",
    "ObjectAlreadyExists",
    "ObjectNotFound",
    "OstinatoHTTPStatusError",
    "is_away",
    "without_credentials",
]

HIDDEN_MEMBERS = frozenset({"request_body", "input"})
"""Members of error bodies that repeat what was sent, which may be secret."""


class OstinatoHTTPStatusError(httpx.HTTPStatusError, OstinatoError):
    """An answer whose status is not 2xx. The text has method, URL, status and what the server says is wrong."""

    @classmethod
    def from_response(cls, response: httpx.Response) -> Self:
        """Return the error of `response`; credentials in the URL and repeated request bodies are left out."""
        request = response.request
        text = (
            f"{response.status_code} {response.reason_phrase} for {request.method} {without_credentials(request.url)}"
        )
        explanation = _explanation(response)
        if explanation:
            text += f"\nResponse: {explanation}"
        return cls(text, request=request, response=response)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code


class ApiUnreachable(RuntimeError, OstinatoError):
    """The server of the API URL does not answer, or is not an API."""


class ApiVersionMismatch(RuntimeError, OstinatoError):
    """The server speaks another major version."""


def is_away(error: Exception) -> bool:
    """Whether the server, or what is before it, was not there to answer: the same request may be answered later."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in RETRIED_STATUSES | {504}
    return isinstance(error, httpx.TransportError)


def without_credentials(url: httpx.URL | str) -> str:
    """Return `url` without user, password and query, which may hold tokens."""
    return str(httpx.URL(url).copy_with(userinfo=b"", query=None, fragment=None))


def _explanation(response: httpx.Response) -> str | None:
    try:
        body: Json = orjson.loads(response.content)
    except ValueError:
        return None
    return orjson.dumps(_without_inputs(body), default=str).decode()


def _without_inputs(value: Json) -> Json:
    if isinstance(value, dict):
        members = cast("dict[str, Json]", value)  # an object of JSON
        return {key: _without_inputs(member) for key, member in members.items() if key not in HIDDEN_MEMBERS}
    if isinstance(value, list):
        return [_without_inputs(item) for item in cast("list[Json]", value)]  # an array of JSON
    return value
