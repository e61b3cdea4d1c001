"""Asking a server by plain HTTP: what commands need that look after one without the SDK."""

import base64
import json
import os
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import urlsplit

from ostinato_core.errors import Unavailable

PREFIXES = ("OSTINATO", "PREFECT")
TIME_LIMIT = 5.0
"""Seconds for one request."""


class NoAnswer(Unavailable):
    """The server did not answer, or not well."""


def call(
    url: str,
    *,
    method: str = "GET",
    body: object = None,
    seconds: float = TIME_LIMIT,
    proxies: bool = True,
    authorization: str | None = None,
) -> object:
    """Return the JSON of an answer, None where it has no content. Errors: NoAnswer with the reason, for any but 2xx."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise NoAnswer("the API URL must begin with http:// or https://")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)  # noqa: S310 - the scheme is checked above
    if data is not None:
        request.add_header("Content-Type", "application/json")
    if authorization is not None:
        request.add_header("Authorization", authorization)
    handlers: list[urllib.request.BaseHandler] = []
    if url.startswith("https:"):
        handlers.append(urllib.request.HTTPSHandler(context=_trust()))
    if not proxies:
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=seconds) as answer:
            return json.loads(answer.read() or "null")
    except urllib.error.HTTPError as error:
        with error:
            raise NoAnswer(f"it answered {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise NoAnswer(str(getattr(error.reason, "strerror", None) or error.reason)) from None
    except (OSError, HTTPException, ValueError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from None


def _trust() -> ssl.SSLContext:
    """Return the TLS context that the environment asks for, by the names that the SDK knows. Errors: NoAnswer."""
    file = _variable("API_SSL_CERT_FILE")
    try:
        context = ssl.create_default_context(cafile=file)
    except OSError as error:
        raise NoAnswer(f"API_SSL_CERT_FILE names {file}, which cannot be read: {error.strerror or error}") from None
    if (_variable("API_TLS_INSECURE_SKIP_VERIFY") or "").lower() in ("1", "true", "t", "yes", "y", "on"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(frozen=True)
class Target:
    """A server's API: its URL, and the Authorization header that it wants, if any."""

    url: str
    authorization: str | None

    def version(self) -> str:
        """Return the server's version. Errors: NoAnswer where it is not well."""
        call(f"{self.url}/health", authorization=self.authorization)
        return str(call(f"{self.url}/admin/version", authorization=self.authorization))


def target() -> Target:
    """Return the API that the environment names, or that of a server started here with the same settings."""
    url, secret = _variable("API_URL"), _variable("API_AUTH_STRING")
    if url is None:
        from ostinato_server.cli.address import base_url
        from ostinato_server.cli.settings import read

        settings = read()
        url = base_url(settings.api_host, settings.api_port) + settings.api_base_path
        if secret is None and settings.api_auth_string is not None:
            secret = settings.api_auth_string.get_secret_value()
    authorization = f"Basic {base64.b64encode(secret.encode()).decode()}" if secret else None
    return Target(url.rstrip("/"), authorization)


def _variable(name: str) -> str | None:
    return next((value for prefix in PREFIXES if (value := os.environ.get(f"{prefix}_{name}"))), None)
