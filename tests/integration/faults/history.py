"""What the database says at the end: runs, the history of their states, events, leases."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import asyncpg
from sqlalchemy import make_url

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_RUNS = """
SELECT runs.id::text, runs.deployment_id::text, runs.expected_start_time, runs.state_type, runs.state_name,
       runs.state_message, runs.run_count,
       array_agg(states.name ORDER BY states.timestamp, states.id) AS names,
       array_agg(states.type ORDER BY states.timestamp, states.id) AS types
FROM flow_runs AS runs JOIN flow_run_states AS states ON states.flow_run_id = runs.id
GROUP BY runs.id
"""
_UNTOLD = """
SELECT states.flow_run_id::text, states.name FROM flow_run_states AS states
LEFT JOIN events ON events.id = states.id AND events.event = 'prefect.flow-run.' || states.name
WHERE events.id IS NULL AND states.name <> 'Scheduled'
"""
_TOLD_WRONGLY = """
SELECT events.event, events.resource_id, count(*) FROM events
JOIN flow_runs ON events.resource_id = 'prefect.flow-run.' || flow_runs.id
LEFT JOIN flow_run_states AS states ON states.id = events.id
WHERE events.payload ? 'validated_state'
GROUP BY events.event, events.resource_id, events.id HAVING count(states.id) <> 1 OR count(*) <> 1
"""


@dataclass(frozen=True)
class Run:
    """A flow run and the states that it went through."""

    id: str
    deployment_id: str
    due: datetime
    type: str
    name: str
    message: str | None
    run_count: int
    names: list[str]
    types: list[str]

    @property
    def has_ended(self) -> bool:
        """Whether its state is final."""
        return self.type in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@asynccontextmanager
async def connected(database_url: str) -> AsyncGenerator[Connection]:
    """Connect to the database past the servers."""
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def runs_of(database: Connection) -> list[Run]:
    """Return all flow runs."""
    return [Run(*record.values()) for record in await database.fetch(_RUNS)]


async def untold(database: Connection) -> list[str]:
    """Return the state changes of which no event tells; that a schedule made a run is told by none."""
    return [str(record) for record in await database.fetch(_UNTOLD)]


async def told_wrongly(database: Connection) -> list[str]:
    """Return the events of state changes that did not happen, or are told of twice; of runs that are there."""
    return [str(record) for record in await database.fetch(_TOLD_WRONGLY)]


async def leases(database: Connection) -> list[str]:
    """Return what holds slots."""
    return [str(record) for record in await database.fetch("SELECT * FROM concurrency_leases WHERE expires > now()")]


async def deployments_with_runs(database: Connection) -> int:
    """Return how many deployments have runs."""
    return await database.fetchval("SELECT count(DISTINCT deployment_id) FROM flow_runs")


async def deadlocks(database: Connection) -> int:
    """Return how many there were; connections tell what they have counted at their end at the latest."""
    return await database.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
