"""A round of retention: everything that is due is deleted, a short transaction after the other."""

import logging
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, MetaData, Table

from ostinato_core.clock import utc_now
from ostinato_core.db.tables import action_deliveries, artifacts, bulk_jobs, flow_runs, logs, task_runs
from ostinato_core.errors import Conflict
from ostinato_core.retention import orphans
from ostinato_core.retention.aged import ENDED, delete_stretch, next_stretch
from ostinato_core.retention.delete_runs import Counts, delete_part, delete_trees
from ostinato_core.retention.deleted import Deleted
from ostinato_core.retention.due_runs import Place, Tree, due_page, measure_flow_runs, measure_task_runs
from ostinato_core.retention.event_log import EventLog
from ostinato_core.retention.partitions import drop_partition, rows_and_bytes
from ostinato_core.retention.policy import Policy, before
from ostinato_core.retention.space import give_back
from ostinato_core.retention.unneeded import TABLES, unneeded_partitions
from ostinato_core.retention.workspaces import workspaces_in
from ostinato_core.transaction import Database

logger = logging.getLogger("ostinato.server.retention")

ORPHANS_A_ROUND: Final = 20_000
"""Runs named by log lines that a round of the loop looks for; the next round goes on from there."""


class Retention:
    """Deletes by a policy, on one database. Remembers between rounds how far it has looked at what rarely changes."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy
        self._event_log = EventLog(database, policy)
        self._orphans: dict[tuple[str, str], UUID | None] = {}

    async def round(self, *, whole: bool = False) -> AsyncIterator[Deleted]:
        """Delete what is due, and yield after each transaction, also where it has found nothing to delete.

        Whoever iterates may pause as long as it likes, or stop. `whole`: look at everything, not at a part of what
        takes long to look at. Errors: Unavailable where the database is away.
        """
        async for deleted in self._partitions():
            yield deleted
        async for deleted in self._event_log.round():
            yield deleted
        for table, keep in ((logs, self._policy.logs), (artifacts, self._policy.artifacts)):
            async for deleted in self._aged(table, keep):
                yield deleted
        for table, keep in ((action_deliveries, self._policy.deliveries), (bulk_jobs, self._policy.bulk_jobs)):
            async for deleted in self._aged(table, keep, ENDED[table.name]):
                yield deleted
        for table in (flow_runs, task_runs):
            async for deleted in self._runs(table):
                yield deleted
        async for deleted in self._all_orphans(whole=whole):
            yield deleted
        if self._database.dialect.name == "sqlite":
            freed = await give_back(self._database)
            yield Deleted("free pages", "given back", 0, freed)

    async def _partitions(self) -> AsyncIterator[Deleted]:
        """Drop the partitions of logs and of states of task runs that nothing needs; events have their own."""
        for table in TABLES:
            for unneeded in await unneeded_partitions(self._database, self._policy, table, utc_now()):
                rows, size, _ = await rows_and_bytes(self._database, unneeded.partition.name)
                if await drop_partition(self._database, unneeded.partition):
                    yield Deleted(table.replace("_", " "), unneeded.rule, rows, size)

    async def _aged(
        self, table: Table, keep: timedelta | None, condition: ColumnElement[bool] | None = None
    ) -> AsyncIterator[Deleted]:
        """Delete the rows of a table that are too old; of a partitioned one only those outside of partitions."""
        if keep is None:
            return
        if self._database.dialect.name == "postgresql" and table is logs:
            table = table.to_metadata(MetaData(), name="logs_default")
        kind, batch = table.name.removesuffix("_default").replace("_", " "), self._policy.batch
        end = before(utc_now(), keep)
        for workspace in await self._database.read(lambda tx: workspaces_in(tx, table)):
            start: datetime | None = None
            while stretch := await self._database.read(
                lambda tx, start=start: next_stretch(tx, table, (start, end), batch), workspace_id=workspace
            ):
                rows = await self._database.write(
                    lambda tx, stretch=stretch: delete_stretch(tx, table, stretch, condition), workspace_id=workspace
                )
                if rows is None:
                    return
                yield Deleted(kind, "age", rows)
                start = stretch[1]

    async def _runs(self, table: Table) -> AsyncIterator[Deleted]:
        """Delete the flow runs that are due with their trees, or the task runs that are on their own."""
        if self._policy.shortest_run is None:
            return
        for workspace in await self._database.read(lambda tx: workspaces_in(tx, table)):
            place: Place | None = None
            while True:
                due, place = await self._database.read(
                    lambda tx, place=place: due_page(tx, table, self._policy, place), workspace_id=workspace
                )
                async for deleted in self._trees(table, workspace, due):
                    yield deleted
                if place is None:
                    break

    async def _trees(self, table: Table, workspace: UUID, due: Sequence[Tree]) -> AsyncIterator[Deleted]:
        measure = measure_flow_runs if table is flow_runs else measure_task_runs
        await self._database.read(lambda tx: measure(tx, due), workspace_id=workspace)
        for group in groups(due, self._policy.batch):
            rule = self._policy.runs[group[0].rule].label
            try:
                async for counts in self._group(table, workspace, group):
                    for kind, rows in counts.items():
                        yield Deleted(kind, rule, rows)
            except Conflict as conflict:
                field = "flow_run_id" if table is flow_runs else "task_run_id"
                logger.warning(
                    "Runs could not be deleted, this one is the first: %s",
                    conflict.message,
                    extra={field: group[0].root},
                )

    async def _group(self, table: Table, workspace: UUID, group: Sequence[Tree]) -> AsyncIterator[Counts]:
        """Delete trees together; a single one that is too large bit by bit, from its leaves."""
        while group[0].rows > self._policy.batch:
            part = await self._database.write(
                lambda tx: delete_part(tx, table, group[0], self._policy), workspace_id=workspace
            )
            if not part:
                break
            yield part
        yield await self._database.write(
            lambda tx: delete_trees(tx, table, group, self._policy), workspace_id=workspace
        )

    async def _all_orphans(self, *, whole: bool) -> AsyncIterator[Deleted]:
        """Delete lines whose runs are gone, and artifacts too, where runs are deleted at all."""
        tables = (logs, artifacts) if self._policy.runs else (logs,)
        for table in tables:
            for column, _ in orphans.COLUMNS:
                async for deleted in self._orphans_in(table, column, whole=whole):
                    yield deleted

    async def _orphans_in(self, table: Table, column: str, *, whole: bool) -> AsyncIterator[Deleted]:
        after = None if whole else self._orphans.get((table.name, column))
        looked_at = 0
        while whole or looked_at < ORPHANS_A_ROUND:
            owners = await self._database.read(lambda tx, after=after: orphans.owners_after(tx, table, column, after))
            async for deleted in self._orphans_of(table, column, owners):
                yield deleted
            yield Deleted(table.name, "no run", 0)
            looked_at += len(owners)
            after = self._orphans[table.name, column] = owners[-1] if len(owners) == orphans.PAGE else None
            if after is None:
                return

    async def _orphans_of(self, table: Table, column: str, owners: Sequence[UUID]) -> AsyncIterator[Deleted]:
        for owner in await self._database.read(lambda tx: orphans.missing(tx, column, owners)):
            while True:
                workspace = await self._database.read(
                    lambda tx, owner=owner: orphans.workspace_of(tx, table, column, owner)
                )
                if workspace is None:
                    break
                rows = await self._database.write(
                    lambda tx, owner=owner: orphans.delete_orphans(tx, table, column, owner, self._policy.batch),
                    workspace_id=workspace,
                )
                yield Deleted(table.name, "no run", rows)
                if rows == 0:
                    return


def groups(trees: Sequence[Tree], rows: int) -> list[list[Tree]]:
    """Return trees, those that are alive left out, in groups of one rule and of about so many rows; at least one."""
    made: list[list[Tree]] = []
    weight = 0
    for tree in trees:
        if tree.is_alive:
            continue
        weight += tree.rows
        if not made or made[-1][0].rule != tree.rule or weight > rows:
            made.append([])
            weight = tree.rows
        made[-1].append(tree)
    return made
