"""Handling signals in an event loop for as long as a block lasts."""

import asyncio
import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

logger = logging.getLogger(__name__)


@contextmanager
def on_signals(handlers: Mapping[int, Callable[[], object]]) -> Generator[None]:
    """Call the handler of a signal that comes; in a thread other than the main one signals are left to others."""
    loop = asyncio.get_running_loop()
    handled: list[int] = []
    try:
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
            handled.append(number)
    except (ValueError, RuntimeError):
        logger.debug("This is not the main thread: signals are left to others.")
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
