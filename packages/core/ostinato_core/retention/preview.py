"""What a round of retention would delete, and how much space that frees, without changing anything."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Boolean, ColumnElement, MetaData, Table, and_, func, literal, literal_column, or_, select, true

from ostinato_core.clock import utc_now
from ostinato_core.db.tables import action_deliveries, artifacts, bulk_jobs, events, flow_runs, logs, task_runs
from ostinato_core.db.types import Timestamp
from ostinato_core.retention import orphans
from ostinato_core.retention.aged import ENDED, TIMES, Stretch, next_stretch
from ostinato_core.retention.due_runs import Counted, Place, Tree, due_page, measure_flow_runs, measure_task_runs
from ostinato_core.retention.event_log import EventLog, default_label
from ostinato_core.retention.matching import is_of
from ostinato_core.retention.partitions import rows_and_bytes
from ostinato_core.retention.policy import Policy, before, cutoff
from ostinato_core.retention.sizes import bytes_of_rows
from ostinato_core.retention.unneeded import TABLES, unneeded_partitions
from ostinato_core.retention.workspaces import workspaces_in
from ostinato_core.transaction import Database, Transaction

PART_OF_TIME: Final = 10.0
"""Seconds for which each part is counted; then what is left is estimated."""
PAGE: Final = 50_000
"""Rows that are counted in one statement."""


@dataclass(slots=True)
class Line:
    """What would go of a kind because of a rule."""

    kind: str
    rule: str
    rows: int = 0
    is_exact: bool = True
    """Whether the rows are counted, not estimated."""
    oldest: datetime | None = None
    bytes: int = 0
    """What that frees, about: of dropped partitions at once, of rows for new ones."""

    def add(self, rows: int, oldest: datetime | None, size: float = 0, *, is_exact: bool = True) -> None:
        """Count further rows."""
        self.rows += rows
        self.bytes += int(size)
        self.is_exact = self.is_exact and is_exact
        times = [moment for moment in (self.oldest, oldest) if moment is not None]
        self.oldest = min(times, default=None)


class Preview:
    """Looks at everything as a round of `Retention` does, and writes down what that would delete."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy
        self._lines: dict[tuple[str, str], Line] = {}
        self._size: dict[str, float] = {}
        self._now = utc_now()
        self._dropped: dict[str, datetime] = {}
        """Of each table up to which time its partitions are dropped."""

    async def look(self) -> list[Line]:
        """Return what would go. It takes at most about a minute, however much there is."""
        self._size = await bytes_of_rows(self._database)
        await self._partitions()
        await self._events()
        await self._aged(logs, cutoff(self._now, self._policy.logs))
        await self._aged(artifacts, cutoff(self._now, self._policy.artifacts))
        for table, keep in ((action_deliveries, self._policy.deliveries), (bulk_jobs, self._policy.bulk_jobs)):
            end = cutoff(self._now, keep)
            if end is not None:
                await self._count(table, "age", end, ENDED[table.name])
        for table in (flow_runs, task_runs):
            await self._runs(table)
        for table in (logs, artifacts) if self._policy.runs else (logs,):
            await self._orphans(table)
        return [line for line in self._lines.values() if line.rows]

    def _line(self, kind: str, rule: str) -> Line:
        return self._lines.setdefault((kind, rule), Line(kind, rule))

    def _add(self, kind: str, rule: str, rows: int, oldest: datetime | None, *, is_exact: bool = True) -> None:
        if rows:
            self._line(kind, rule).add(rows, oldest, rows * self._size[kind], is_exact=is_exact)

    async def _partitions(self) -> None:
        for table in TABLES:
            for unneeded in await unneeded_partitions(self._database, self._policy, table, self._now):
                partition = unneeded.partition
                rows, size, is_exact = await rows_and_bytes(self._database, partition.name)
                line = self._line(table.replace("_", " "), unneeded.rule)
                line.add(rows, partition.start if rows else None, size, is_exact=is_exact)
                self._dropped[table] = partition.end
        if self._database.dialect.name == "postgresql":
            for partition in await EventLog(self._database, self._policy).droppable(self._now):
                rows, size, is_exact = await rows_and_bytes(self._database, partition.name)
                self._line("events", default_label(self._policy)).add(rows, partition.start, size, is_exact=is_exact)
                self._dropped["events"] = partition.end

    async def _events(self) -> None:
        log = EventLog(self._database, self._policy)
        for rule in (*self._policy.event_rules, None):
            keep = self._policy.events if rule is None else rule.keep
            if keep is not None:
                end = log.until(rule, before(self._now, keep))
                await self._count(events, log.rule_label(rule), end, is_of(self._policy, rule))

    async def _aged(self, table: Table, end: datetime | None) -> None:
        if end is None:
            return
        if self._database.dialect.name == "postgresql" and table is logs:
            table = table.to_metadata(MetaData(), name="logs_default")
        await self._count(table, "age", end, true())

    async def _count(self, table: Table, rule: str, end: datetime, condition: ColumnElement[bool]) -> None:
        """Count the rows of a table before a time; what is not reached in time as if it were as dense."""
        kind, until = table.name.removesuffix("_default").replace("_", " "), time.monotonic() + PART_OF_TIME
        for workspace in await self._database.read(lambda tx: workspaces_in(tx, table)):
            start, first, total = self._dropped.get(kind) if table is events else None, None, 0
            while stretch := await self._database.read(
                lambda tx, start=start: next_stretch(tx, table, (start, end), PAGE), workspace_id=workspace
            ):
                rows, oldest = await self._database.read(
                    lambda tx, stretch=stretch: _count_stretch(tx, table, stretch, condition), workspace_id=workspace
                )
                self._add(kind, rule, rows, oldest)
                first, start, total = first or stretch[0], stretch[1], total + rows
                if time.monotonic() > until and first is not None and start > first:
                    self._add(kind, rule, int(total * ((end - start) / (start - first))), None, is_exact=False)
                    break

    async def _runs(self, table: Table) -> None:
        if self._policy.shortest_run is None:
            return
        until = time.monotonic() + PART_OF_TIME
        measure = measure_flow_runs if table is flow_runs else measure_task_runs
        counted = Counted(self._lines_left(), self._artifacts_left())
        for workspace in await self._database.read(lambda tx: workspaces_in(tx, table)):
            place: Place | None = None
            first: datetime | None = None
            found: Counter[tuple[str, str]] = Counter()
            while True:
                due, place = await self._database.read(
                    lambda tx, place=place: due_page(tx, table, self._policy, place), workspace_id=workspace
                )
                await self._database.read(lambda tx, due=due: measure(tx, due, counted), workspace_id=workspace)
                found += self._add_trees([tree for tree in due if not tree.is_alive])
                first = first or min((tree.ended for tree in due), default=None)
                if place is None:
                    break
                if time.monotonic() > until and first is not None and place[0] > first:
                    rest = before(self._now, self._policy.shortest_run) - place[0]
                    for (kind, rule), rows in found.items():
                        self._add(kind, rule, int(rows * (rest / (place[0] - first))), None, is_exact=False)
                    break

    def _lines_left(self) -> ColumnElement[bool]:
        """Which lines are left for their runs to take with them, when those are gone that are too old."""
        young = _since(logs, cutoff(self._now, self._policy.logs))
        if self._database.dialect.name != "postgresql":
            return young
        # Lines in partitions go by whole partitions, and those outside of them one by one.
        outside: ColumnElement[bool] = literal_column("logs.tableoid = 'logs_default'::regclass", Boolean)
        return and_(or_(~outside, young), or_(outside, _since(logs, self._dropped.get("logs"))))

    def _artifacts_left(self) -> ColumnElement[bool]:
        return _since(artifacts, cutoff(self._now, self._policy.artifacts))

    def _add_trees(self, trees: list[Tree]) -> "Counter[tuple[str, str]]":
        found: Counter[tuple[str, str]] = Counter()
        for tree in trees:
            rule = self._policy.runs[tree.rule].label
            kinds = (
                ("flow runs", len(tree.members)),
                ("task runs", tree.task_runs),
                ("logs", tree.logs),
                ("artifacts", tree.artifacts),
            )
            for kind, rows in kinds:
                found[kind, rule] += rows
                self._add(kind, rule, rows, tree.ended)
        return found

    async def _orphans(self, table: Table) -> None:
        until = time.monotonic() + PART_OF_TIME
        left = self._lines_left() if table is logs else self._artifacts_left()
        for column, _ in orphans.COLUMNS:
            after = None
            while True:
                owners = await self._database.read(
                    lambda tx, after=after, column=column: orphans.owners_after(tx, table, column, after)
                )
                rows, oldest = await self._database.read(
                    lambda tx, owners=owners, column=column: orphans.count_orphans(tx, table, column, owners, left)
                )
                self._add(table.name, "no run", rows, oldest)
                if len(owners) < orphans.PAGE:
                    break
                after = owners[-1]
                if time.monotonic() > until:
                    self._line(table.name, "no run").is_exact = False
                    break


def _since(table: Table, start: datetime | None) -> ColumnElement[bool]:
    return true() if start is None else table.c[TIMES[table.name]] >= literal(start, Timestamp())


async def _count_stretch(
    tx: Transaction, table: Table, stretch: Stretch, condition: ColumnElement[bool]
) -> tuple[int, datetime | None]:
    column = table.c[TIMES[table.name.removesuffix("_default")]]
    start, end = stretch
    assert start is not None
    within = and_(column >= literal(start, Timestamp()), column < literal(end, Timestamp()))
    own = and_(table.c.workspace_id == tx.workspace_id, within, condition)
    row = await tx.first(select(func.count().label("rows"), func.min(column).label("oldest")).where(own))
    return (row["rows"], row["oldest"]) if row else (0, None)
