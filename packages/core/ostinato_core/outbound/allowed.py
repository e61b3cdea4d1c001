"""Which machines the server may call: public ones, and those that a setting names."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network

from ostinato_wire.public_addresses import IpAddress, carried_by, is_public


@dataclass(frozen=True, slots=True)
class AllowList:
    """Hosts by name, `.example.com` for all below it, and networks that may be called although they are not public."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "AllowList":
        """Read a list separated by commas. Errors: ValueError names the entry that is neither host nor network."""
        hosts: set[str] = set()
        networks: list[IPv4Network | IPv6Network] = []
        for entry in filter(None, (part.strip().lower() for part in text.split(","))):
            try:
                networks.append(ip_network(entry))
            except ValueError:
                if not _is_host(entry):
                    raise ValueError(
                        f"{entry!r} is neither a host such as hooks.example.com or .example.com, nor an address, nor "
                        "a network such as 10.1.0.0/16 whose last bits are 0"
                    ) from None
                hosts.add(entry)
        return cls(frozenset(hosts), tuple(networks))

    def permits(self, host: str, address: IpAddress) -> bool:
        """Return whether the machine at `address`, which was looked up for `host`, may be called."""
        return is_public(address) or self._names(host.lower().rstrip(".")) or self._contains(address)

    def _names(self, host: str) -> bool:
        labels = host.split(".")
        below = ("." + ".".join(labels[start:]) for start in range(1, len(labels)))
        return host in self.hosts or any(name in self.hosts for name in below)

    def _contains(self, address: IpAddress) -> bool:
        carried = carried_by(address) if isinstance(address, IPv6Address) else None
        forms = [address] if carried is None else [address, carried]
        return any(form in network for network in self.networks for form in forms)


PUBLIC_ONLY = AllowList()
"""Allows nothing beside public machines."""


def _is_host(entry: str) -> bool:
    return all(part and part.replace("-", "").replace("_", "").isalnum() for part in entry.removeprefix(".").split("."))
