"""Whom the checks are about: the settings in force, where each comes from, the server's address, and the way to it."""

import ipaddress
import os
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import SplitResult, urlsplit

import httpx

from ostinato.cli.diagnosis.verdict import Verdict
from ostinato.client.errors import without_credentials
from ostinato.client.exchange import fixed_headers
from ostinato.client.transport import options
from ostinato.settings import Settings
from ostinato.settings.catalogue import own_settings
from ostinato.settings.current import process_sources

PATIENCE = 5.0
"""Seconds for one step: a name, a connection, an answer."""


@dataclass(frozen=True)
class Place:
    """A host and its port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def place_of(parts: SplitResult) -> Place | None:
    """Return where an URL leads to, None if it names no host or no possible port."""
    try:
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or port == 0:
        return None
    return Place(parts.hostname, port or {"https": 443, "wss": 443}.get(parts.scheme, 80))


def origin(name: str) -> str:
    """Tell where the value of a setting (`OSTINATO_API_URL`) comes from, and under which name."""
    sources = process_sources()
    setting = own_settings()[name]
    for source in sources.stack:
        if source.find(setting) is not None:
            given = next(item for item in setting.accepted if source.values.get(item) not in (None, ""))
            where = {"env": "the environment", "profile": f"profile {sources.profile.name!r}"}
            return f"{given} in {where.get(source.label, source.label)}"
    return f"the default of {name}"


@dataclass
class Target:
    """The server that the settings name; what one check learns and others need is kept here."""

    settings: Settings
    url: str
    place: Place
    health: httpx.Response | None = None
    health_at: datetime | None = None
    """The middle of the exchange that brought `health`, by this machine's clock."""
    version: str | None = None
    """The product version that the server tells."""
    sockets: dict[str, Verdict] = field(default_factory=dict[str, Verdict])

    @property
    def is_secure(self) -> bool:
        """Whether the URL asks for TLS."""
        return self.url.startswith("https://")

    @property
    def is_near(self) -> bool:
        """Whether the server is on this machine or in a private network, as far as its name tells."""
        try:
            address = ipaddress.ip_address(self.place.host)
        except ValueError:
            return self.place.host == "localhost" or self.place.host.endswith(".localhost")
        return address.is_private

    @property
    def shown_url(self) -> str:
        """The API URL without user and password."""
        return without_credentials(self.url)

    @cached_property
    def proxy(self) -> SplitResult | None:
        """The proxy that HTTP goes through, from HTTPS_PROXY, HTTP_PROXY or ALL_PROXY."""
        return self._proxy("https" if self.is_secure else "http", "all")

    @cached_property
    def socket_proxy(self) -> SplitResult | None:
        """The proxy that websockets go through: their library prefers HTTPS_PROXY, whatever the scheme."""
        return self._proxy(*(("wss", "socks", "https") if self.is_secure else ("ws", "socks", "https", "http")))

    def _proxy(self, *kinds: str) -> SplitResult | None:
        if urllib.request.proxy_bypass(str(self.place)):
            return None
        named = urllib.request.getproxies()
        found = next((named[kind] for kind in kinds if named.get(kind)), None)
        return None if found is None else urlsplit(found if "://" in found else f"http://{found}")

    @cached_property
    def next_hop(self) -> Place:
        """Whom this machine itself must reach: the proxy, else the server."""
        return (place_of(self.proxy) if self.proxy else None) or self.place

    @cached_property
    def client(self) -> httpx.Client:
        """A client with the settings in force, but with little patience and without retries."""
        limit = httpx.Timeout(min(PATIENCE, self.settings.api.request_timeout))
        keywords = options(self.settings, self.url)
        keywords["timeout"] = limit
        return httpx.Client(**keywords, headers=fixed_headers(self.settings))

    def get(self, path: str) -> httpx.Response:
        """Ask the API; raises httpx.HTTPError."""
        return self.client.get(path)

    def get_health(self) -> httpx.Response:
        """Ask whether the API is there, and keep the answer; raises httpx.HTTPError."""
        before = datetime.now(UTC)
        self.health = self.get("/health")
        self.health_at = before + (datetime.now(UTC) - before) / 2
        return self.health

    def close(self) -> None:
        """Close the client, if it was opened."""
        client = self.__dict__.get("client")
        if isinstance(client, httpx.Client):
            client.close()


def proxy_variables() -> str:
    """Return the environment variables about proxies that are set, without credentials."""
    names = [f"{kind}_PROXY" for kind in ("HTTPS", "HTTP", "ALL", "NO")]
    found = {name: os.environ.get(name.lower()) or os.environ.get(name) for name in names}
    return ", ".join(f"{name}={_shown(value)}" for name, value in found.items() if value)


def _shown(value: str) -> str:
    head, at, tail = value.rpartition("@")
    return f"{head.partition('://')[0]}://{tail}" if at and "://" in head else tail
