"""The log lines of one run, as `flow-run logs` and `task-run logs` show them."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Annotated
from uuid import UUID

from ostinato.cli import output
from ostinato.cli.params import option
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.client.paging import PAGE
from ostinato_wire.filters import AnyId, TimeFilter
from ostinato_wire.logs import Log, LogFilter, LogSort
from ostinato_wire.task_runs import TaskRunFilter

DEFAULT_COUNT = 20
"""Lines of head or tail without `--num-logs`."""

HeadOption = Annotated[bool, option("-h", "--head", help=f"Only the first lines ({DEFAULT_COUNT}).")]
TailOption = Annotated[bool, option("-t", "--tail", help=f"Only the last lines ({DEFAULT_COUNT}).")]
CountOption = Annotated[int | None, option("-n", "--num-logs", min=1, help="How many lines; alone: the first ones.")]
ReverseOption = Annotated[bool, option("-r", "--reverse", help="Newest line first.")]


FollowOption = Annotated[bool, option("-f", "--follow", help="Then print new lines until the run has ended.")]

OVERLAP = timedelta(seconds=10)
"""Lines of several processes come in late and out of order: so far back is looked for new ones."""
ASK_EVERY = 1.0
LAST_LINES_AFTER = 2.0
"""Seconds. The process of a run ships its last lines after the run's last state."""


class NewLines:
    """Tells lines that were not there before from those that were."""

    def __init__(self, log_filter: LogFilter) -> None:
        self._filter = log_filter
        self._seen: dict[UUID, datetime] = {}
        self._first: datetime | None = None

    def filter(self) -> LogFilter:
        """Return which lines to ask for now."""
        if not self._seen:
            return self._filter
        return self._filter.model_copy(update={"timestamp": TimeFilter(after_=self._horizon())})

    def _horizon(self) -> datetime:
        horizon = max(self._seen.values()) - OVERLAP
        return max(horizon, self._first) if self._first is not None else horizon

    def forget_before(self, line: Log) -> None:
        """Take no line for new that is older than this one: a tail was asked for."""
        self._first = line.timestamp

    def take(self, lines: Iterable[Log]) -> list[Log]:
        """Return those of the lines that are new."""
        fresh = [line for line in lines if line.id not in self._seen]
        self._seen |= {line.id: line.timestamp for line in fresh}
        if fresh:
            horizon = self._horizon()
            self._seen = {key: moment for key, moment in self._seen.items() if moment >= horizon}
        return fresh


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


class Printer:
    """Prints lines, each with the run that it is of: `label` names the run whose lines they are.

    Lines of its task runs have their names, which the server is asked for, once each.
    """

    def __init__(self, client: SyncOstinatoClient, label: str) -> None:
        self._client = client
        self._label = label
        self._names: dict[UUID, str] = {}

    def print(self, lines: Iterable[Log]) -> None:
        """Print lines as they come."""
        left = iter(lines)
        while chunk := list(islice(left, PAGE)):
            self._learn({line.task_run_id for line in chunk if line.task_run_id is not None})
            for line in chunk:
                output.say(as_text(line, self._label_of(line)))

    def _learn(self, ids: set[UUID]) -> None:
        unknown = sorted(ids - self._names.keys())
        if unknown:
            wanted = TaskRunFilter(id=AnyId(any_=unknown))
            found = self._client.read_task_runs(task_run_filter=wanted, limit=PAGE)
            self._names |= {run.id: f"Task run {run.name!r}" for run in found}

    def _label_of(self, line: Log) -> str:
        return self._label if line.task_run_id is None else self._names.get(line.task_run_id, self._label)


def show_logs(
    client: SyncOstinatoClient,
    log_filter: LogFilter,
    selection: Selection,
    label: str,
    as_json: bool,
    until: Callable[[], bool] | None = None,
) -> None:
    """Print lines as they come in; `label` names the run in each line.

    With `until` go on with new lines until it is true, which is when the run has ended.
    """
    if until is not None:
        if as_json or selection.reverse or selection.head:
            output.fail("--follow prints lines as they come: leave out --head, --reverse and -o json.")
        if selection.count is not None:
            selection = replace(selection, tail=True)
    lines = selected(client, log_filter, selection)
    if as_json:
        output.print_json([line.model_dump(mode="json") for line in lines])
        return
    printer = Printer(client, label)
    if until is None:
        printer.print(lines)
        return
    known = NewLines(log_filter)
    shown = known.take(lines)
    printer.print(shown)
    if selection.tail and shown:
        known.forget_before(shown[0])
    _follow(client, known, printer, until)


def _follow(client: SyncOstinatoClient, known: NewLines, printer: Printer, until: Callable[[], bool]) -> None:
    ended = False
    while not ended:
        ended = until()
        time.sleep(LAST_LINES_AFTER if ended else ASK_EVERY)
        printer.print(known.take(_pages(client, known.filter(), LogSort.TIMESTAMP_ASC, None)))


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
