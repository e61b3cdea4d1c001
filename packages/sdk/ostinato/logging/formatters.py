"""Formats of log lines for configurations of one's own: by templates, as JSON, with rich markup."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

from ostinato.logging.console import ConsoleFormatter, full_message, wants_color
from ostinato.logging.masking import mask
from ostinato.logging.names import FLOW_RUNS, TASK_RUNS

FORMAT = "%(asctime)s.%(msecs)03d | %(levelname)-7s | %(name)s - %(message)s"
FLOW_RUN_FORMAT = "%(asctime)s.%(msecs)03d | %(levelname)-7s | Flow run %(flow_run_name)r - %(message)s"
TASK_RUN_FORMAT = "%(asctime)s.%(msecs)03d | %(levelname)-7s | Task run %(task_run_name)r - %(message)s"
TIME_FORMAT = "%H:%M:%S"

_STANDARD = logging.makeLogRecord({}).__dict__.keys()


class RunFormatter(logging.Formatter):
    """A formatter with templates of their own for records of flow runs and task runs; credentials are masked."""

    def __init__(
        self,
        format: str = FORMAT,  # the names of configuration files
        datefmt: str | None = TIME_FORMAT,
        flow_run_fmt: str | None = None,
        task_run_fmt: str | None = None,
    ) -> None:
        super().__init__(format, datefmt)
        self._templates = {
            name: logging.Formatter(template, datefmt)
            for name, template in ((FLOW_RUNS, flow_run_fmt), (TASK_RUNS, task_run_fmt))
            if template is not None
        }

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or lines, of `record`."""
        template = self._templates.get(record.name)
        try:
            return mask(template.format(record) if template is not None else super().format(record))
        except (KeyError, ValueError):  # a template of runs, and a record that names none
            return mask(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a record, for collectors of logs: what logging knows of it, and what `extra` says."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object; it is on one line."""
        members: dict[str, Any] = {  # Any: JSON, and what has none as text
            "timestamp": record.created,
            "level": record.levelname,
            "name": record.name,
            "message": full_message(record, self),
            **{name: value for name, value in record.__dict__.items() if name not in _STANDARD},
        }
        return mask(json.dumps(members, default=str))


class MarkupFormatter(ConsoleFormatter):
    """The format of the console, with the markup of rich in messages: `[bold]loud[/]`."""

    def __init__(self, *, colored: bool = False) -> None:
        super().__init__(colored=colored)
        self._is_colored = colored

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or lines, of `record`, its message rendered."""
        rendered = logging.makeLogRecord(record.__dict__)
        rendered.msg, rendered.args = self._rendered(record.getMessage()), None
        return super().format(rendered)

    def _rendered(self, message: str) -> str:
        from rich.console import Console
        from rich.errors import MarkupError
        from rich.text import Text

        try:
            text = Text.from_markup(message)
        except MarkupError:
            return message
        if not self._is_colored:
            return text.plain
        console = Console(file=io.StringIO(), force_terminal=True, width=10_000)
        with console.capture() as captured:
            console.print(text, end="", soft_wrap=True)
        return captured.get()


def console_formatter(
    format: str = FORMAT,  # the names of configuration files
    datefmt: str | None = TIME_FORMAT,
    flow_run_fmt: str | None = FLOW_RUN_FORMAT,
    task_run_fmt: str | None = TASK_RUN_FORMAT,
) -> logging.Formatter:
    """Return what formats the console: coloured as the settings say, or by templates that were changed."""
    if (format, datefmt, flow_run_fmt, task_run_fmt) != (FORMAT, TIME_FORMAT, FLOW_RUN_FORMAT, TASK_RUN_FORMAT):
        return RunFormatter(format, datefmt, flow_run_fmt, task_run_fmt)
    from ostinato.settings import get_current_settings

    settings = get_current_settings().logging
    kind = MarkupFormatter if settings.markup else ConsoleFormatter
    return kind(colored=wants_color(settings.colors))


PrefectFormatter = RunFormatter
"""The name that configurations have for it which come from the reference."""
