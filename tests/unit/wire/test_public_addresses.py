"""Which addresses are public, and by which ways of IPv6 others cannot be reached either."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_wire.public_addresses import carried_by, is_public

PUBLIC = ["8.8.8.8", "1.1.1.1", "193.0.6.139", "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808"]
REFUSED = {
    "this machine": ["127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "0.1.2.3", "::"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1", "fec0::1"],
    "shared by a provider": ["100.64.0.1", "100.127.255.255"],
    "link-local and metadata": ["169.254.0.1", "169.254.169.254", "fe80::1", "fe80::1%eth0", "fd00:ec2::254"],
    "multicast and broadcast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1", "255.255.255.255"],
    "reserved and for documents": ["240.0.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.9", "2001:db8::1"],
    "mapped": ["::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1"],
    "compatible": ["::127.0.0.1", "::8.8.8.8", "::ffff:0:10.0.0.1"],
    "6to4": ["2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:101::1"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "64:ff9b:1::808:808"],
    "Teredo": ["2001:0:4136:e378:8000:63bf:3fff:fdd2"],
}


@pytest.mark.parametrize("text", PUBLIC)
def test_public_machines(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", [text for texts in REFUSED.values() for text in texts])
def test_others(text: str) -> None:
    assert not is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_a_way_of_ipv6_is_as_public_as_where_it_leads(address: IPv4Address) -> None:
    number = int(address)
    mapped, nat64 = IPv6Address(0xFFFF << 32 | number), IPv6Address(0x64FF9B << 96 | number)
    six_to_four = IPv6Address(0x2002 << 112 | number << 80 | 1)
    for form in (mapped, nat64, six_to_four):
        assert carried_by(form) == address
        assert is_public(form) == is_public(address)


@given(st.ip_addresses())
def test_nothing_that_is_not_global_is_public(address: IPv4Address | IPv6Address) -> None:
    inner = carried_by(address) if isinstance(address, IPv6Address) else None
    if is_public(address):
        assert (inner or address).is_global
        assert not (inner or address).is_multicast
