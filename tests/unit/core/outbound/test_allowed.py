"""The list of machines that may be called although they are not public."""

from ipaddress import ip_address

import pytest
from pydantic import ValidationError

from ostinato_core.outbound.allowed import PUBLIC_ONLY, AllowList
from ostinato_core.settings import ServerSettings

LIST = AllowList.parse(" hooks.corp , .lab.example, 10.1.0.0/16,127.0.0.1, fd00::/8 ")


@pytest.mark.parametrize(
    ("host", "address", "permitted"),
    [
        ("hooks.corp", "192.168.0.1", True),
        ("HOOKS.corp.", "192.168.0.1", True),
        ("other.hooks.corp", "192.168.0.1", False),
        ("a.lab.example", "192.168.0.1", True),
        ("a.b.lab.example", "192.168.0.1", True),
        ("lab.example", "192.168.0.1", False),
        ("evil-lab.example", "192.168.0.1", False),
        ("any", "10.1.255.255", True),
        ("any", "10.2.0.0", False),
        ("any", "127.0.0.1", True),
        ("any", "127.0.0.2", False),
        ("any", "::ffff:10.1.0.1", True),
        ("any", "64:ff9b::a01:1", True),
        ("any", "::ffff:10.2.0.1", False),
        ("any", "fd12::1", True),
        ("any", "169.254.169.254", False),
        ("any", "8.8.8.8", True),
    ],
)
def test_what_is_on_the_list(host: str, address: str, permitted: bool) -> None:
    assert LIST.permits(host, ip_address(address)) is permitted


def test_without_a_list_only_public_machines_are_called() -> None:
    assert AllowList.parse("") == PUBLIC_ONLY
    assert not PUBLIC_ONLY.permits("localhost", ip_address("127.0.0.1"))


@pytest.mark.parametrize("entry", ["http://a.example", "10.1.0.1/16", "a b", "a..b", "*.example.com"])
def test_an_entry_that_is_none_is_told(entry: str) -> None:
    with pytest.raises(ValidationError, match="neither a host"):
        ServerSettings(outbound_allowed=f"a.example,{entry}")
