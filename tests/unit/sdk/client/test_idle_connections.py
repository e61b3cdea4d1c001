"""Who ends an idle connection: the client, because a request that meets the server's end of it fails."""

from ostinato.client.transport import LIMITS
from ostinato_core.settings import ServerSettings

PROXY_KEEPS = 60
"""Seconds for which nginx and most load balancers keep an idle connection to a server, unless told otherwise."""


def test_a_server_keeps_idle_connections_for_longer_than_clients_and_proxies() -> None:
    kept = ServerSettings().api_keepalive_timeout
    assert LIMITS.keepalive_expiry is not None
    assert kept > LIMITS.keepalive_expiry
    assert kept > PROXY_KEEPS
