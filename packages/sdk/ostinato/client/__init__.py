"""The HTTP client: `with get_client(sync_client=True) as client`, `async with get_client() as client`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

if TYPE_CHECKING:
    from ostinato.client.orchestration import OstinatoClient, SyncOstinatoClient

__all__ = ["get_client"]


@overload
def get_client(*, sync_client: Literal[False] = False) -> OstinatoClient: ...


@overload
def get_client(*, sync_client: Literal[True]) -> SyncOstinatoClient: ...


def get_client(*, sync_client: bool = False) -> OstinatoClient | SyncOstinatoClient:
    """Return a client of the server that the settings name, to be entered by `with` or `async with`.

    Within such a block the same client is returned again, so that connections are shared. Without an API URL a
    temporary server is started if `server.ephemeral.enabled`, else this raises a ValueError that says what to set.
    """
    from ostinato.client.lookup import find_async_client, find_sync_client

    return find_sync_client() if sync_client else find_async_client()
