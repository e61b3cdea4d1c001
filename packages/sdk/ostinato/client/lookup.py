"""Which server and which client a caller gets: the active one, or a new one by the settings in force."""

from __future__ import annotations

import asyncio

from ostinato.client.orchestration import HttpxSettings, OstinatoClient, SyncOstinatoClient, active_async, active_sync
from ostinato.settings import Settings, get_current_settings


def api_url(settings: Settings | None = None) -> str:
    """Return the URL of the API in force; starts the temporary server if there is none and the settings allow it.

    Raises ValueError if neither is set.
    """
    settings = settings or get_current_settings()
    if settings.api.url is not None:
        return settings.api.url
    if settings.server.ephemeral.enabled:
        from ostinato.client.ephemeral import ephemeral_api_url

        return ephemeral_api_url(settings)
    raise ValueError(
        "No API URL is set. Set OSTINATO_API_URL (for instance to http://127.0.0.1:4200/api), or start a temporary "
        "server with OSTINATO_SERVER_EPHEMERAL_ENABLED=true."
    )


def find_sync_client(httpx_settings: HttpxSettings | None = None) -> SyncOstinatoClient:
    """Return the active sync client if its settings are those in force, else a new one."""
    settings = get_current_settings()
    active = active_sync.get()
    if active is not None and active.fits(settings, httpx_settings):
        return active
    return SyncOstinatoClient(settings, api_url(settings), httpx_settings)


def find_async_client(httpx_settings: HttpxSettings | None = None) -> OstinatoClient:
    """Return the active async client if its settings and loop are those in force, else a new one."""
    settings = get_current_settings()
    active = active_async.get()
    if active is not None and active.fits(settings, httpx_settings) and active.loop is _running_loop():
        return active
    return OstinatoClient(settings, api_url(settings), httpx_settings)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
