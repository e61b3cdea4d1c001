"""Leaving without anybody noticing: a process that is about to stop lets its connections go one by one first.

A balancer keeps connections open and may send a request on one at the very moment at which it is closed; whether that
request was carried out it cannot know, so it tells its client of an error. So for a little while each answer says that
its connection is closed after it, and only then those are closed that nobody has used.
"""

import threading
from typing import Final

SECONDS: Final = 2.0
"""How long answers close their connections before the process stops listening."""

_begun = threading.Event()


def begin() -> None:
    """Close each connection after its next answer, from now on."""
    _begun.set()


def is_draining() -> bool:
    """Whether this process is about to stop."""
    return _begun.is_set()
