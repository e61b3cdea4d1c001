"""Which versions the client names itself by, and what it makes of the server's."""

from functools import cache
from importlib.metadata import distribution, version

from ostinato_wire import API_VERSION

SPOKEN_VERSION = "3.8.4"
"""The version of the reference whose wire this client speaks. Servers read it from the user agent and decide by it what
they may answer (concurrency leases, members of work pools), so it must stand where they look for it."""

USER_AGENT = f"prefect/{SPOKEN_VERSION} (API {API_VERSION})"
"""Nothing may follow: the reference server does not recognise the version in a longer text, and takes back the leases
of clients whose version it does not know."""

PRODUCT_HEADER = "X-Ostinato-Version"
"""The header that tells people who read access logs which client it really was."""


@cache
def own_version() -> str:
    """Return the version of this distribution."""
    return version("ostinato")


def is_from_index() -> bool:
    """Whether this distribution came from a package index; installers note a folder, file or address (PEP 610)."""
    return distribution("ostinato").read_text("direct_url.json") is None


def parse_version(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: `3.8.4rc1` -> (3, 8, 4); () if there are none."""
    numbers: list[int] = []
    for part in text.strip().split("."):
        digits = ""
        for character in part:
            if not character.isdecimal():
                break
            digits += character
        if not digits:
            break
        numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers)
