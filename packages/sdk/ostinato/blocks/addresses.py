"""Whether an address leads out of private networks: a webhook may be told to call no other."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from ostinato_wire.public_addresses import is_public


def check_public(url: str) -> None:
    """Raise ValueError if `url` is not http(s), has no known host, or leads to a private, local or reserved address."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("The address of a webhook begins with http:// or https:// and names a host.")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 0, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ValueError(f"The host {parts.hostname!r} of the webhook is not known: {error}.") from error
    for *_, place in found:
        if not is_public(ip_address(str(place[0]))):
            raise ValueError(f"The host {parts.hostname!r} is in a private network, which this block may not call.")
