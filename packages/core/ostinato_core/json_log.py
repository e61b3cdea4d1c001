"""The server's own log: one JSON object a line on stderr, so that a machine can read it too."""

import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

import orjson

FIELDS: Final = (
    "request_id",
    "flow_run_id",
    "task_run_id",
    "loop",
    "method",
    "path",
    "status",
    "milliseconds",
    "remote",
)
"""What may stand beside a message, given as `extra` with it or by `log_fields`."""

_known: ContextVar[Mapping[str, object]] = ContextVar("log_fields", default=MappingProxyType({}))


@contextmanager
def log_fields(**fields: object) -> Generator[None]:
    """Write these of `FIELDS` beside whatever is logged in the block, by tasks too that are made in it."""
    token = _known.set({**_known.get(), **fields})
    try:
        yield
    finally:
        _known.reset(token)


class JsonFormatter(logging.Formatter):
    """Writes a record as JSON: time, level, logger, message, the fields that are known, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {  # Any: JSON
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        known = {**_known.get(), **record.__dict__}
        line.update({name: known[name] for name in FIELDS if known.get(name) is not None})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line, option=orjson.OPT_UTC_Z, default=str).decode()


def configure_logging(level: str) -> None:
    """Log what Ostinato's server says, from `level` up, to stderr; and warnings of libraries, if nobody else does."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    server = logging.getLogger("ostinato.server")
    server.handlers[:] = [handler]
    server.propagate = False
    server.setLevel(level.upper())
    if not logging.root.handlers:
        logging.root.addHandler(handler)
