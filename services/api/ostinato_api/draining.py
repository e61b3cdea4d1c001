"""Leaving without anybody noticing: a process that is about to stop lets its connections go one by one first.

A balancer keeps connections open and may send a request on one at the very moment at which it is closed; whether that
request was carried out it cannot know, so it tells its client of an error. So a process that is told to stop goes on
for a moment: the replica that was restarted before it may not be trusted again yet. Then it closes its door: who knocks
is refused before anything was sent, and goes to another replica. Who is inside is served, and told with the answer that
the connection is closed after it. Only then those are closed that nobody has used.
"""

import asyncio
import socket
import threading
from collections.abc import Iterable, Iterator
from typing import Final

from aiohttp import web

OPEN_SECONDS: Final = 2.0
"""How long a process that is told to stop goes on as before; nginx passes by for one second who has refused it."""
INSIDE_SECONDS: Final = 2.0
"""How long those who are inside are served before the process closes what is left of its connections."""

_begun = threading.Event()
_runners: list[web.BaseRunner] = []


def is_draining() -> bool:
    """Whether each answer says that its connection is closed after it."""
    return _begun.is_set()


def is_served_by(runner: web.BaseRunner) -> None:
    """Say what serves this process's connections."""
    _runners.append(runner)


async def leave(listeners: Iterable[socket.socket]) -> None:
    """Take leave of all who use this process; it may stop when this returns.

    By `listeners`, which do not block, comes in what the runners serve.
    """
    await asyncio.sleep(OPEN_SECONDS)
    _begun.set()
    for runner in _runners:
        await _close_door(runner, listeners)
    await asyncio.sleep(INSIDE_SECONDS)


async def _close_door(runner: web.BaseRunner, listeners: Iterable[socket.socket]) -> None:
    """Stop listening, and serve whoever had come in until then.

    A connection that the system has made, and that nobody has accepted yet, is reset where its listener is closed: so
    these are accepted first, with nothing in between in which others could come.
    """
    server = runner.server
    assert server is not None, "only a runner that serves has a door"
    let_in = [accepted for listener in listeners for accepted in _waiting(listener)]
    for site in runner.sites:
        await site.stop()
    loop = asyncio.get_running_loop()
    for accepted in let_in:
        await loop.connect_accepted_socket(server, accepted)


def _waiting(listener: socket.socket) -> Iterator[socket.socket]:
    while True:
        try:
            accepted, _ = listener.accept()
        except ConnectionAbortedError:
            continue
        except OSError:
            return
        accepted.setblocking(False)
        yield accepted
