"""Addresses: where a server can listen, and under which URL a client on this machine reaches it."""

import socket

from ostinato_core.errors import Conflict, Invalid

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - recognised, not bound to


def base_url(host: str, port: int) -> str:
    """Return the URL without a path, as a client on this machine writes it."""
    name = _ANYWHERE.get(host, host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def probe(host: str, port: int) -> int:
    """Return the port if it can be listened on, a free one for 0. Errors: Invalid for the host, Conflict."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError):
        raise Invalid(f"The host {host!r} is not known: give an address of this machine with --host.") from None
    with socket.socket(family, kind, protocol) as listener:
        # As servers do: a connection of the last one that still fades out does not count.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(1)
        except OSError as error:
            raise Conflict(
                f"Cannot listen on {host}:{port} ({error.strerror}): choose another port with --port, or stop what "
                "uses this one."
            ) from error
        return int(listener.getsockname()[1])
