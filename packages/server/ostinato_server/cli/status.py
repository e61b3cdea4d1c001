"""`ostinato server status`: whether a server answers, by plain HTTP."""

import base64
import json
import os
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ostinato_core.errors import Unavailable
from ostinato_server.cli.output import fail, say, succeed
from ostinato_server.cli.params import option

PREFIXES = ("OSTINATO", "PREFECT")
TIME_LIMIT = 5.0
"""Seconds for one request."""
LOOK_EVERY = 1.0


class NoAnswer(Unavailable):
    """The server did not answer, or not well."""


def get(url: str, *, seconds: float = TIME_LIMIT, proxies: bool = True, authorization: str | None = None) -> object:
    """Return the JSON that a GET yields. Errors: NoAnswer with the reason, for anything but a 200 with JSON."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise NoAnswer("the API URL must begin with http:// or https://")
    request = urllib.request.Request(url)  # noqa: S310 - the scheme is checked above
    if authorization is not None:
        request.add_header("Authorization", authorization)
    handlers = () if proxies else (urllib.request.ProxyHandler({}),)
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=seconds) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise NoAnswer(f"it answered {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise NoAnswer(str(getattr(error.reason, "strerror", None) or error.reason)) from None
    except (OSError, HTTPException, ValueError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from None


@dataclass(frozen=True)
class Target:
    """A server's API: its URL, and the Authorization header that it wants, if any."""

    url: str
    authorization: str | None

    def version(self) -> str:
        """Return the server's version. Errors: NoAnswer where it is not well."""
        get(f"{self.url}/health", authorization=self.authorization)
        return str(get(f"{self.url}/admin/version", authorization=self.authorization))


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


def status(
    wait: Annotated[bool, option("--wait", help="Look again every second until it answers.")] = False,
    timeout: Annotated[float, option("--timeout", "-t", min=0, help="Seconds to wait; 0 is for ever.")] = 0,
    output: Annotated[str | None, option("--output", "-o", help="json")] = None,
) -> None:
    """Tell whether the server answers."""
    if output is not None and output.lower() != "json":
        fail("Only 'json' output format is supported.")
    api = target()
    if output is None:
        say(f"Connecting to server at {api.url}...")
    deadline = time.monotonic() + timeout if timeout else None
    while True:
        try:
            version = api.version()
        except NoAnswer as error:
            over = deadline is not None and time.monotonic() + LOOK_EVERY > deadline
            if wait and not over:
                time.sleep(LOOK_EVERY)
                continue
            _report_absence(api, error.message, timeout if wait else None, as_json=output is not None)
        else:
            return _report(api, version, as_json=output is not None)


def _report(api: Target, version: str, *, as_json: bool) -> None:
    if as_json:
        say(json.dumps({"status": "available", "api_url": api.url, "server_version": version}, indent=2))
        return
    succeed("Server is available.")
    say(f"  API URL: {api.url}\n  Server version: {version}")


def _report_absence(api: Target, reason: str, timeout: float | None, *, as_json: bool) -> None:
    if as_json:
        seen: dict[str, object] = {"status": "unavailable" if timeout is None else "timed_out", "api_url": api.url}
        if timeout is not None:
            seen["timeout"] = timeout
        say(json.dumps(seen | {"error": reason}, indent=2))
        raise typer.Exit(1)
    if timeout is not None:
        fail(f"The server did not answer within {timeout:g} seconds ({reason}).")
    fail(f"The server is not available ({reason}): start one with `ostinato server start`.")


def _variable(name: str) -> str | None:
    return next((value for prefix in PREFIXES if (value := os.environ.get(f"{prefix}_{name}"))), None)
