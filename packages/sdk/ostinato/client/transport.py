"""httpx clients as the settings want them: TLS, proxies of the environment, time limits, connection pool."""

from __future__ import annotations

import os
import ssl
from functools import cache
from typing import TYPE_CHECKING, TypedDict

import httpx

if TYPE_CHECKING:
    from pathlib import Path

    from ostinato.settings import Settings

LIMITS = httpx.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=25)


class Options(TypedDict):
    """Keywords that the sync and the async client of httpx share."""

    base_url: str
    timeout: httpx.Timeout
    verify: ssl.SSLContext
    limits: httpx.Limits
    http2: bool
    follow_redirects: bool


def options(settings: Settings, api_url: str) -> Options:
    """Return the keywords of an httpx client for `api_url`; proxies are taken from the environment by httpx."""
    return Options(
        base_url=api_url,
        timeout=httpx.Timeout(settings.api.request_timeout),
        verify=ssl_context(settings),
        limits=LIMITS,
        http2=settings.api.enable_http2,
        follow_redirects=True,
    )


def ssl_context(settings: Settings) -> ssl.SSLContext:
    """Return the TLS context of HTTP and websockets: trusts `api.ssl_cert_file`, else SSL_CERT_FILE, else certifi."""
    # What httpx reads from the environment decides too: a process may change it between two clients.
    environment = (os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    return _context(settings.api.ssl_cert_file, settings.api.tls_insecure_skip_verify, environment)


@cache
def _context(ca_file: Path | None, insecure: bool, _environment: tuple[str | None, str | None]) -> ssl.SSLContext:
    if insecure:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if ca_file is not None:
        return ssl.create_default_context(cafile=str(ca_file))
    return httpx.create_ssl_context()
