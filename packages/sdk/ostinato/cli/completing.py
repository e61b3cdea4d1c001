"""What the shell offers when an argument is completed: names of objects, if the server answers fast."""

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

PATIENCE = 0.7
"""Seconds; a shell that waits longer for a list feels broken."""

_PORTS = {"http": 80, "https": 443}

Complete = Callable[[str], list[str]]
"""From what is typed so far to what it may become."""


def named(noun: str) -> Complete:
    """Return what completes the name of an object; `noun` is a key of `names.NAMES`."""

    def complete(incomplete: str) -> list[str]:
        # Imported only when a name is asked for: every command declares its completion.
        from ostinato.cli.names import known
        from ostinato.settings import get_current_settings, temporary_settings

        if not _answers(get_current_settings().api.url):
            return []
        quick = {
            "api.request_timeout": PATIENCE,
            "client.max_retries": 0,
            "client.server_version_check_enabled": False,
        }
        with temporary_settings(quick):
            return sorted(name for name in known(noun) if name.startswith(incomplete))

    return complete


def _answers(api_url: str | None) -> bool:
    """Whether anybody listens there. A client would try several times, and a temporary server takes long to start."""
    if api_url is None:
        return False
    parts = urlsplit(api_url)
    try:
        socket.create_connection((parts.hostname, parts.port or _PORTS.get(parts.scheme)), PATIENCE).close()
    except (OSError, ValueError):
        return False
    return True


def profiles(incomplete: str) -> list[str]:
    """Complete the name of a profile."""
    from ostinato.settings.current import process_sources

    found = process_sources().profiles
    return sorted(name for name in found.names() if name.startswith(incomplete))


def settings(incomplete: str) -> list[str]:
    """Complete the name of a setting."""
    from ostinato.settings.catalogue import all_settings

    return sorted(setting.name for setting in all_settings().values() if setting.name.startswith(incomplete.upper()))
