"""Makes runs, lines, events and artifacts of the past, as rows."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select

from ostinato_core.clock import utc_now
from ostinato_core.db import tables
from ostinato_core.db.types import Json
from ostinato_core.ids import new_id
from ostinato_core.transaction import Transaction
from tests.integration.core.population import Row, insert_rows
from tests.support.workspace import Workspace


class History:
    """Makes runs of the past in a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.now = utc_now()

    async def insert(self, table: Table, *rows: Row) -> None:
        """Insert rows."""
        await self.workspace.write(insert_rows, table, list(rows))

    async def flow(self, name: str) -> UUID:
        """Insert a flow; return its id."""
        id_ = new_id()
        row: Row = {"id": id_, "created": self.now, "updated": self.now, "name": name, "tags": [], "labels": {}}
        await self.insert(tables.flows, row)
        return id_

    async def run(
        self, days: float, *, flow_id: UUID | None = None, tasks: int = 2, lines: int = 3, **columns: Any
    ) -> Row:
        """Insert a flow run that ended so many days ago, with task runs, states, lines, an input and an artifact."""
        ended = self.now - timedelta(days=days)
        run = run_row(ended, flow_id=flow_id or await self.flow(str(new_id())), **columns)
        await self.insert(tables.flow_runs, run)
        await self.insert(tables.flow_run_states, state_row(ended, flow_run_id=run["id"]))
        calls = [task_row(ended, flow_run_id=run["id"], dynamic_key=str(number)) for number in range(tasks)]
        if calls:
            await self.insert(tables.task_runs, *calls)
            await self.insert(tables.task_run_states, *(state_row(ended, task_run_id=call["id"]) for call in calls))
        if lines:
            await self.insert(tables.logs, *(log_row(ended, number, flow_run_id=run["id"]) for number in range(lines)))
        made: Row = {"id": new_id(), "created": ended, "updated": ended}
        await self.insert(tables.flow_run_inputs, {**made, "flow_run_id": run["id"], "key": "k", "value": "v"})
        await self.insert(tables.artifacts, {**made, "id": new_id(), "flow_run_id": run["id"], "type": "table"})
        return {**run, "calls": calls}

    async def alone(self, days: float, **columns: Any) -> Row:
        """Insert a background task run that ended so many days ago, with a state and a line."""
        ended = self.now - timedelta(days=days)
        row = task_row(ended, **columns)
        await self.insert(tables.task_runs, row)
        await self.insert(tables.task_run_states, state_row(ended, task_run_id=row["id"]))
        await self.insert(tables.logs, log_row(ended, 0, task_run_id=row["id"]))
        return row

    async def event(self, days: float, name: str) -> None:
        """Insert an event that occurred so many days ago."""
        occurred = self.now - timedelta(days=days)
        row: Row = {"id": new_id(), "occurred": occurred, "received": occurred, "event": name, "resource_id": "r"}
        await self.insert(tables.events, {**row, "resource": {}, "related": [], "payload": {}})

    async def events(self) -> list[str]:
        """Return the names of the events that there are."""
        found = select(tables.events.c.event).where(tables.events.c.workspace_id == self.workspace.id)
        return sorted(row["event"] for row in await self.workspace.read(lambda tx: tx.rows(found)))

    async def ids(self, table: Table = tables.flow_runs) -> set[UUID]:
        """Return the ids of the rows that there are."""
        found = select(table.c.id).where(table.c.workspace_id == self.workspace.id)
        return {row["id"] for row in await self.workspace.read(lambda tx: tx.rows(found))}

    async def counts(self) -> dict[str, int]:
        """Return how many rows the workspace has in each table that has any."""

        async def count(tx: Transaction) -> dict[str, int]:
            found: dict[str, int] = {}
            for name, table in tables.metadata.tables.items():
                if name not in ("flows", "csrf_tokens", "workspaces") and "workspace_id" in table.c:
                    own = table.c.workspace_id == tx.workspace_id
                    found[name] = await tx.value(select(func.count()).select_from(table).where(own))
            return {name: number for name, number in found.items() if number}

        return await self.workspace.read(count)


def run_row(ended: datetime, **columns: Any) -> Row:
    """Return a flow run that was completed."""
    return {
        "id": new_id(),
        "created": ended,
        "updated": ended,
        "name": "n",
        "state_id": new_id(),
        "state_type": "COMPLETED",
        "state_name": "Completed",
        "state_timestamp": ended,
        "parameters": {},
        "context": {},
        "empirical_policy": {},
        "tags": [],
        "labels": {},
        "run_count": 1,
        "expected_start_time": ended,
        "start_time": ended,
        "end_time": ended,
        "total_run_time": 0.0,
        "auto_scheduled": False,
        **columns,
    }


def task_row(ended: datetime, **columns: Any) -> Row:
    """Return a task run that was completed."""
    dropped = ("parameters", "context", "auto_scheduled")
    run = {name: value for name, value in run_row(ended).items() if name not in dropped}
    own: Row = {"task_key": "t", "dynamic_key": "0", "task_inputs": {}, "flow_run_run_count": 1, "flow_run_id": None}
    return {**run, **own, **columns}


def state_row(moment: datetime, **owner: UUID) -> Row:
    """Return a state of a history."""
    return {
        "id": new_id(),
        "timestamp": moment,
        "type": "COMPLETED",
        "name": "Completed",
        "state_details": {},
        **owner,
    }


def log_row(moment: datetime, number: int, **owner: UUID) -> Row:
    """Return a line."""
    time = moment + timedelta(milliseconds=number)
    nobody = {"flow_run_id": None, "task_run_id": None}
    return {"id": new_id(), "timestamp": time, "name": "a", "level": 20, "message": "m" * 50, **nobody, **owner}


def deployment_defaults() -> Row:
    """Return the columns of a deployment that must have a value."""
    empty: dict[str, Any] = {"TEXT": "", "BOOLEAN": False, "INTEGER": 0}  # Any: of many types
    given = ("id", "workspace_id", "created", "updated", "name", "flow_id")
    columns = [column for column in tables.deployments.c if not column.nullable and column.name not in given]
    return {column.name: {} if isinstance(column.type, Json) else empty[str(column.type)] for column in columns}
