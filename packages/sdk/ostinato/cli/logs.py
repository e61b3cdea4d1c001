"""The log lines of one run, as `flow-run logs` and `task-run logs` show them."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

from ostinato.cli import output
from ostinato.cli.params import option
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.logs import Log, LogFilter, LogSort

PAGE = 200
"""Lines per request: the most that servers answer by default."""

DEFAULT_COUNT = 20
"""Lines of head or tail without `--num-logs`."""

HeadOption = Annotated[bool, option("-h", "--head", help=f"Only the first lines ({DEFAULT_COUNT}).")]
TailOption = Annotated[bool, option("-t", "--tail", help=f"Only the last lines ({DEFAULT_COUNT}).")]
CountOption = Annotated[int | None, option("-n", "--num-logs", min=1, help="How many lines; alone: the first ones.")]
ReverseOption = Annotated[bool, option("-r", "--reverse", help="Newest line first.")]


@dataclass(frozen=True)
class Selection:
    """Which lines, and in which order."""

    head: bool
    tail: bool
    count: int | None
    reverse: bool

    def __post_init__(self) -> None:
        if self.head and self.tail:
            output.fail("Choose either --head or --tail, not both.")

    @property
    def limit(self) -> int | None:
        """How many lines at most; None for all."""
        return self.count or (DEFAULT_COUNT if self.head or self.tail else None)


def show_logs(
    client: SyncOstinatoClient, log_filter: LogFilter, selection: Selection, label: str, as_json: bool
) -> None:
    """Print lines as they come in; `label` names the run in each line."""
    lines = selected(client, log_filter, selection)
    if as_json:
        output.print_json([line.model_dump(mode="json") for line in lines])
        return
    for line in lines:
        output.say(as_text(line, label))


def selected(client: SyncOstinatoClient, log_filter: LogFilter, selection: Selection) -> Iterator[Log]:
    """Yield the selected lines. Only a tail in the order of time is held in memory."""
    newest_first = selection.tail or (selection.reverse and not selection.head)
    sort = LogSort.TIMESTAMP_DESC if newest_first else LogSort.TIMESTAMP_ASC
    lines = islice(_pages(client, log_filter, sort, selection.limit), selection.limit)
    if newest_first == selection.reverse:
        return lines
    return reversed(list(lines))


def _pages(client: SyncOstinatoClient, log_filter: LogFilter, sort: LogSort, limit: int | None) -> Iterator[Log]:
    size = min(PAGE, limit or PAGE)
    offset = 0
    while True:
        page = client.read_logs(log_filter, limit=size, offset=offset, sort=sort)
        yield from page
        if len(page) < size:
            return
        offset += len(page)


def as_text(line: Log, label: str) -> str:
    """Return a line for people: time of the server in UTC, level, run, message."""
    moment = line.timestamp.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return f"{moment} | {logging.getLevelName(line.level):7s} | {label} - {line.message}"
