"""Whether an IP address belongs to a public machine: what webhooks may reach where nobody has allowed more."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final, TypeAlias

IpAddress: TypeAlias = IPv4Address | IPv6Address

_CARRIERS: Final = (
    (IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped, RFC 4291
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64, RFC 6052: all of IPv4 for machines that have IPv6 alone
    (IPv6Network("2002::/16"), 80),  # 6to4, RFC 3056
)
"""Networks of IPv6 that lead to an address of IPv4, and how many bits stand behind it."""
_REFUSED: Final = (
    IPv6Network("2001::/32"),  # Teredo, RFC 4380: a machine behind a router
    IPv6Network("fec0::/10"),  # site-local, RFC 3879: without meaning, but still routed by some
)


def is_public(address: IpAddress) -> bool:
    """Return whether an address is a public machine's: not private, loopback, link-local (where clouds keep their
    metadata), shared, multicast or reserved, nor a way that IPv6 has to such an address of IPv4.
    """
    if isinstance(address, IPv6Address):
        if address.scope_id is not None or any(address in network for network in _REFUSED):
            return False
        carried = carried_by(address)
        if carried is not None:
            return is_public(carried)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def carried_by(address: IPv6Address) -> IPv4Address | None:
    """Return the address of IPv4 to which one of IPv6 leads, if it is of that kind."""
    for network, behind in _CARRIERS:
        if address in network:
            return IPv4Address(int(address) >> behind & 0xFFFFFFFF)
    return None
