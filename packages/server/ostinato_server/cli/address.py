"""Under which URL a client on the same machine reaches a server."""

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - recognised, not bound to


def base_url(host: str, port: int) -> str:
    """Return the URL without a path, for what a server listens on."""
    name = _ANYWHERE.get(host, host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"
