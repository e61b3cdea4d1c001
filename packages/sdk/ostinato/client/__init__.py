"""The HTTP client: `with get_client(sync_client=True) as client`, `async with get_client() as client`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ostinato.client.orchestration import OstinatoClient, SyncOstinatoClient

__all__ = ["get_client"]

# When it is imported, httpx loads its command line, and with it rich and pygments: a third of its time, for nothing.
if "httpx" not in sys.modules:
    sys.modules.setdefault("httpx._main", None)  # pyright: ignore - None means "cannot be imported", as documented


@overload
def get_client(
    httpx_settings: Mapping[str, Any] | None = None, sync_client: Literal[False] = False
) -> OstinatoClient: ...


@overload
def get_client(
    httpx_settings: Mapping[str, Any] | None = None, *, sync_client: Literal[True]
) -> SyncOstinatoClient: ...


def get_client(
    httpx_settings: Mapping[str, Any] | None = None,  # Any: keywords of httpx's client classes
    sync_client: bool = False,
) -> OstinatoClient | SyncOstinatoClient:
    """Return a client of the server that the settings name, to be entered by `with` or `async with`.

    `httpx_settings` are keywords of `httpx.Client` or `httpx.AsyncClient` that win over those made from the settings.

    Within such a block the same client is returned again, so that connections are shared. Without an API URL a
    temporary server is started if `server.ephemeral.enabled`, else this raises a ValueError that says what to set.
    """
    from ostinato.client.lookup import find_async_client, find_sync_client

    return find_sync_client(httpx_settings) if sync_client else find_async_client(httpx_settings)
