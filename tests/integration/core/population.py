"""A random population of flows, runs and log lines, with many nulls and few distinct values, so that filters hit."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert

from ostinato_core.db import tables
from ostinato_core.ids import new_id
from ostinato_core.transaction import Database, Transaction
from tests.support.workspace import Workspace

Row = dict[str, Any]  # Any: columns are of many types

START = datetime(2026, 11, 1, tzinfo=UTC)
TIMES = [START + timedelta(seconds=seconds) for seconds in range(0, 60, 5)]
TAGS = ["a", "b", "c", "ü ñ"]
NAMES = ["etl", "ETL-2", "re_port", "50%", "back\\slash"]
STATE_NAMES = ["Running", "Late", "Cached"]
STATE_TYPES = ["SCHEDULED", "PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"]
KEYS = ["k1", "k2", "k3"]
MESSAGES = ["Alpha beta", "beta gamma", 'say "hi"', "100% done", "under_score", "back\\slash"]
CREATORS = [new_id(), new_id()]


@dataclass(slots=True)
class Population:
    """Rows as they were inserted."""

    flows: list[Row] = field(default_factory=list[Row])
    flow_runs: list[Row] = field(default_factory=list[Row])
    task_runs: list[Row] = field(default_factory=list[Row])
    logs: list[Row] = field(default_factory=list[Row])
    workspace: UUID = field(default_factory=new_id)
    """Of `stored_in`."""
    _backends: set[str] = field(default_factory=set[str])

    @classmethod
    def make(cls, seed: int) -> "Population":
        """Return a population; the same seed makes the same one, apart from ids."""
        chance = random.Random(seed)
        made = cls(flows=[_flow(chance, number) for number in range(8)])
        made.flow_runs = [_flow_run(chance, made.flows) for _ in range(40)]
        made.task_runs = [_task_run(chance, made.flow_runs, number) for number in range(60)]
        for run in chance.sample(made.flow_runs, 12):
            run["parent_task_run_id"] = chance.choice(made.task_runs)["id"]
        made.logs = [_log(chance, made) for _ in range(60)]
        return made

    async def stored_in(self, database: Database) -> Workspace:
        """Return the workspace of a database that holds it; the first call for a backend inserts it."""
        workspace = Workspace(database, self.workspace)
        if database.dialect.name not in self._backends:
            await workspace.write(self.insert)
            self._backends.add(database.dialect.name)
        return workspace

    async def insert(self, tx: Transaction) -> None:
        """Insert all rows into the transaction's workspace."""
        named = (tables.flows, self.flows), (tables.flow_runs, self.flow_runs), (tables.task_runs, self.task_runs)
        for table, rows in (*named, (tables.logs, self.logs)):
            await insert_rows(tx, table, rows)


async def insert_rows(tx: Transaction, table: Table, rows: list[Row]) -> None:
    """Insert rows into the transaction's workspace."""
    await tx.run(insert(table), [{**row, "workspace_id": tx.workspace_id} for row in rows])


def _identity() -> Row:
    return {"id": new_id(), "created": START, "updated": START}


def _maybe(chance: random.Random, values: list[Any]) -> Any:  # Any: values of many types
    return chance.choice([None, *values])


def _some(chance: random.Random, values: list[str]) -> list[str]:
    return chance.sample(values, chance.choice([0, 0, 1, 2, 3]))


def _state(chance: random.Random) -> Row:
    return {
        "state_id": new_id(),
        "state_type": chance.choice(STATE_TYPES),
        "state_name": chance.choice(STATE_NAMES),
        "state_timestamp": chance.choice(TIMES),
        "state_message": None,
        "state_details": {},
        "state_data": None,
    }


def _times(chance: random.Random) -> Row:
    names = ("expected_start_time", "next_scheduled_start_time", "start_time", "end_time")
    return {name: _maybe(chance, TIMES) for name in names}


def _flow(chance: random.Random, number: int) -> Row:
    name = NAMES[number] if number < len(NAMES) else f"flow {number}"
    return {**_identity(), "name": name, "tags": _some(chance, TAGS), "labels": {}}


def _flow_run(chance: random.Random, flows: list[Row]) -> Row:
    creator = {"id": str(chance.choice(CREATORS)), "type": chance.choice(["SCHEDULE", "AUTOMATION"])}
    return {
        **_identity(),
        **_state(chance),
        **_times(chance),
        "name": chance.choice(NAMES),
        # The last flow has no runs.
        "flow_id": chance.choice(flows[:-1])["id"],
        "work_queue_name": _maybe(chance, KEYS),
        "flow_version": _maybe(chance, KEYS),
        "parameters": {},
        "context": {},
        "empirical_policy": {},
        "tags": _some(chance, TAGS),
        "labels": {},
        "parent_task_run_id": None,
        "idempotency_key": str(new_id()) if chance.random() < 0.5 else None,
        "run_count": 0,
        "total_run_time": float(chance.randrange(10)),
        "auto_scheduled": False,
        "created_by": chance.choice([None, creator]),
    }


def _task_run(chance: random.Random, flow_runs: list[Row], number: int) -> Row:
    return {
        **_identity(),
        **_state(chance),
        **_times(chance),
        "name": chance.choice(NAMES),
        "flow_run_id": _maybe(chance, [run["id"] for run in flow_runs[:10]]),
        "task_key": "task",
        "dynamic_key": str(number),
        "empirical_policy": {},
        "tags": _some(chance, TAGS),
        "labels": {},
        "task_inputs": {},
        "run_count": 0,
        "flow_run_run_count": 0,
        "total_run_time": float(chance.randrange(10)),
    }


def _log(chance: random.Random, made: Population) -> Row:
    return {
        "id": new_id(),
        "timestamp": chance.choice(TIMES),
        "name": chance.choice(["root", "beta.logger"]),
        "level": chance.choice([10, 20, 30, 40]),
        "message": chance.choice(MESSAGES),
        "flow_run_id": _maybe(chance, [run["id"] for run in made.flow_runs[:3]]),
        "task_run_id": _maybe(chance, [run["id"] for run in made.task_runs[:3]]),
    }


def ids(rows: list[Row]) -> set[UUID]:
    """Return the ids of rows."""
    return {row["id"] for row in rows}
