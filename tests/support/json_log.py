"""What the server writes to its log while a block lasts, as machines read it."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from io import StringIO

import orjson

from ostinato_core.json_log import JsonFormatter
from tests.support.json import Json


@contextmanager
def logged() -> Generator[list[Json]]:
    """Yield a list that holds the lines, decoded, once the block is over."""
    written, lines = StringIO(), list[Json]()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    server = logging.getLogger("ostinato.server")
    before = server.level
    server.addHandler(handler)
    server.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        server.removeHandler(handler)
        server.setLevel(before)
        lines.extend(orjson.loads(line) for line in written.getvalue().splitlines())
