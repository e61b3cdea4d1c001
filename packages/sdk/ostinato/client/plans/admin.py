"""The server itself: is it there, which version is it, which storage does it offer, and any other request."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from ostinato.client.errors import ApiUnreachable, ApiVersionMismatch, OstinatoHTTPStatusError
from ostinato.client.operation import decode, encode, present
from ostinato.client.steps import Plan, Request
from ostinato.client.versions import SPOKEN_VERSION, parse_version
from ostinato_wire.base import JsonObject, WireModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ostinato.client.steps import Query

_checked: set[str] = set()


class ServerDefaultResultStorage(WireModel):
    """Body of `/admin/storage`: the block where results are kept that say nothing else."""

    default_result_storage_block_id: UUID | None = None


def request(
    method: str,
    path: str,
    *,
    json: object = None,
    params: Query | None = None,
    headers: Mapping[str, str] | None = None,
    **httpx_options: Any,  # Any: keywords of httpx that are passed on
) -> Plan[httpx.Response]:
    """Send any request, with the retries and errors of every other; `path` is relative to the API URL."""
    content = None if json is None else encode(json)
    return (yield Request(method, path, content, params, headers or {}, httpx_options))


def hello() -> Plan[httpx.Response]:
    """Send `GET /hello`."""
    return (yield Request("GET", "/hello"))


def api_healthcheck() -> Plan[Exception | None]:
    """Return None if the server is healthy, else the exception that says why not."""
    try:
        yield Request("GET", "/health")
    except (httpx.HTTPError, OSError) as error:
        return error
    return None


def api_version() -> Plan[str]:
    """Return the version of the server's software."""
    response = yield Request("GET", "/admin/version")
    return decode(response, str)


def check_server_version(api_url: str) -> Plan[None]:
    """Check once per process and URL that the server speaks this client's wire; warn if it is older.

    Raises ApiUnreachable, ApiVersionMismatch (another major version), or the status error of a 401.
    """
    if api_url in _checked:
        return
    try:
        version = yield from api_version()
    except OstinatoHTTPStatusError as error:
        if error.status == 401:
            raise
        raise ApiUnreachable(f"Failed to reach API at {api_url}: {error}") from error
    except (httpx.HTTPError, ValueError) as error:
        raise ApiUnreachable(f"Failed to reach API at {api_url}: {error or type(error).__name__}") from error
    server, own = parse_version(version), parse_version(SPOKEN_VERSION)
    if server[:1] != own[:1]:
        raise ApiVersionMismatch(
            f"The server at {api_url} has version {version}; this client speaks the API of {SPOKEN_VERSION}. "
            "Use a client and a server of the same major version."
        )
    if server < own:
        warnings.warn(
            f"The server at {api_url} has version {version}, older than {SPOKEN_VERSION} whose API this client speaks; "
            "some functions may not work. Upgrade the server.",
            stacklevel=2,
        )
    _checked.add(api_url)


def read_server_default_result_storage() -> Plan[ServerDefaultResultStorage]:
    """Return the server's default storage; a server that knows none, or does not answer well, has none."""
    try:
        response = yield Request("GET", "/admin/storage")
        return decode(response, ServerDefaultResultStorage)
    except (httpx.HTTPError, ValueError):
        return ServerDefaultResultStorage()


def update_server_default_result_storage(default_result_storage_block_id: UUID) -> Plan[ServerDefaultResultStorage]:
    """Set the server's default storage to a block document."""
    body = present(default_result_storage_block_id=default_result_storage_block_id)
    response = yield Request("PUT", "/admin/storage", encode(body))
    return decode(response, ServerDefaultResultStorage)


def clear_server_default_result_storage() -> Plan[None]:
    """Unset the server's default storage."""
    yield Request("DELETE", "/admin/storage")


def read_server_settings() -> Plan[JsonObject]:
    """Return the server's settings, secrets masked by the server."""
    response = yield Request("GET", "/admin/settings")
    return decode(response, dict[str, Any])  # Any: JSON values
