"""The server's own log: one JSON object a line on stderr, so that a machine can read it too."""

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

_EXTRAS = ("request_id", "method", "path", "status", "milliseconds", "remote")


class JsonFormatter(logging.Formatter):
    """Writes a record as JSON: time, level, logger, message, what was given as extra, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {  # Any: JSON
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({name: record.__dict__[name] for name in _EXTRAS if name in record.__dict__})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line, option=orjson.OPT_UTC_Z, default=str).decode()


def configure_logging(level: str) -> None:
    """Log what Ostinato's server says, from `level` up, to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger("ostinato.server")
    root.handlers[:] = [handler]
    root.propagate = False
    root.setLevel(level.upper())
