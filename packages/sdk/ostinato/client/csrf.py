"""The token against cross-site request forgery: one per client object, fetched before the first change (no I/O)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from ostinato.client.steps import Request
from ostinato_wire.base import UtcTime, WireModel

if TYPE_CHECKING:
    import httpx

CHANGING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class CsrfToken(WireModel):
    """Answer of `GET /csrf-token`."""

    token: str
    expiration: UtcTime


class CsrfGuard:
    """Knows whether a request needs a token, and the headers that carry it."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled
        self._client_id = str(uuid4())
        self._token: CsrfToken | None = None

    def needs_token(self, method: str) -> bool:
        """Whether a token must be fetched before a request of `method`."""
        if not self.enabled or method.upper() not in CHANGING_METHODS:
            return False
        return self._token is None or self._token.expiration <= datetime.now(UTC)

    def request(self) -> Request:
        """Return the request for a token."""
        return Request("GET", "/csrf-token", query={"client": self._client_id}, check=False)

    def take(self, response: httpx.Response) -> None:
        """Keep the token of `response`; servers without this protection are never asked again."""
        if response.status_code == 200:
            self._token = CsrfToken.model_validate_json(response.content)
        elif response.status_code in {404, 422}:
            self.enabled = False

    def drop(self) -> None:
        """Forget a token that the server refused."""
        self._token = None

    def headers(self, method: str) -> dict[str, str]:
        """Return the headers of a request of `method`."""
        if self._token is None or not self.enabled or method.upper() not in CHANGING_METHODS:
            return {}
        return {"Prefect-Csrf-Token": self._token.token, "Prefect-Csrf-Client": self._client_id}

    def refused(self, response: httpx.Response) -> bool:
        """Whether `response` says that the token is not valid (any more)."""
        return self.enabled and response.status_code == 403 and b"Invalid CSRF token" in response.content
