"""What the UI's figures are measured on: a run of very many tasks, a very long log, very many deployments.

It is written by the core's own functions into the database of a server that is stopped: by its API that takes minutes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr

from ostinato_core.db.open import open_database
from ostinato_core.deployments.making import create_deployment
from ostinato_core.events.task_run_changes import task_run_change
from ostinato_core.events.task_run_record import record_task_runs
from ostinato_core.flow_runs.transitions import create_flow_run, set_flow_run_state
from ostinato_core.flows.operations import create_flow
from ostinato_core.ids import new_id, new_row_ids
from ostinato_core.logs.repository import insert_all
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Transaction
from ostinato_migrator.migrate import upgrade
from ostinato_wire.deployments import DeploymentCreate
from ostinato_wire.events import Event
from ostinato_wire.flow_runs import FlowRunCreate
from ostinato_wire.flows import FlowCreate
from ostinato_wire.states import StateCreate, StateType

TASKS = 10_000
LINES = 1_000_000
DEPLOYMENTS = 2_000
RUNS = 200
LAST_HOURS = timedelta(hours=3)
WIDE = 10
"""Tasks that run beside each other."""
Part = Callable[[Transaction, UUID, int, int], Awaitable[None]]
"""Writes, of a run or a flow, what has the numbers from one to before another."""


def fill(home: Path, database_url: str) -> dict[str, str]:
    """Write it all; return the ids of the runs, and the numbers of what there is, by their names."""
    return asyncio.run(_fill(ServerSettings(home=home, database_connection_url=SecretStr(database_url))))


async def _fill(settings: ServerSettings) -> dict[str, str]:
    await asyncio.to_thread(upgrade, settings)
    database = open_database(settings)

    async def in_portions(part: Part, of: UUID, count: int, size: int) -> None:
        for first in range(0, count, size):
            last = min(first + size, count)
            await database.write(lambda tx, first=first, last=last: part(tx, of, first, last))

    try:
        flow = await database.write(_flow)
        many, long = [await database.write(lambda tx, name=name: _run(tx, flow, name)) for name in ("many", "long")]
        await in_portions(_deployments, flow, DEPLOYMENTS, 100)
        await in_portions(_runs, flow, RUNS, 100)
        await in_portions(_tasks, many, TASKS, 1000)
        await in_portions(_lines, long, LINES, 20_000)
        for run in (many, long):
            await database.write(lambda tx, run=run: _complete(tx, run))
    finally:
        await database.close()
    counts = {"tasks": TASKS, "lines": LINES, "deployments": DEPLOYMENTS}
    return {"many": str(many), "long": str(long)} | {name: str(count) for name, count in counts.items()}


async def _flow(tx: Transaction) -> UUID:
    flow, _ = await create_flow(tx, FlowCreate(name="measured"))
    return flow["id"]


async def _run(tx: Transaction, flow: UUID, name: str) -> UUID:
    running = StateCreate(type=StateType.RUNNING)
    run, _ = await create_flow_run(tx, FlowRunCreate(flow_id=flow, name=name, state=running))
    return run["id"]


async def _complete(tx: Transaction, run: UUID) -> None:
    await set_flow_run_state(tx, run, StateCreate(type=StateType.COMPLETED), force=True)


async def _deployments(tx: Transaction, flow: UUID, first: int, last: int) -> None:
    for number in range(first, last):
        tags = ["measured", f"team-{number % 20}"]
        await create_deployment(tx, DeploymentCreate(flow_id=flow, name=f"deployment-{number:04}", tags=tags))


async def _runs(tx: Transaction, flow: UUID, first: int, last: int) -> None:
    for number in range(first, last):
        ended = StateCreate(type=StateType.FAILED if number % 10 == 0 else StateType.COMPLETED, message=f"Run {number}")
        await create_flow_run(tx, FlowRunCreate(flow_id=flow, name=f"measured-{number}", state=ended))


async def _tasks(tx: Transaction, run: UUID, first: int, last: int) -> None:
    await record_task_runs(tx, [task_run_change(_task_event(run, tx.now, number)) for number in range(first, last)])


def _task_event(run: UUID, now: datetime, number: int) -> Event:
    """Return what a client tells of a task that has completed, and that waited for one of the ten before."""
    start = now - LAST_HOURS + timedelta(milliseconds=number * 10)
    end = start + timedelta(milliseconds=60)
    before = [{"input_type": "task_run", "id": str(_task_id(number - WIDE))}] if number >= WIDE else []
    task_run = {
        "name": f"double-{number}", "task_key": "double-1a2b3c4d", "dynamic_key": str(number),
        "task_inputs": {"number": before}, "run_count": 1, "flow_run_run_count": 1, "expected_start_time": start,
        "start_time": start, "end_time": end, "total_run_time": 0.06,
    }  # fmt: skip
    return Event(
        id=new_id(),
        occurred=end,
        event="prefect.task-run.Completed",
        resource={
            "prefect.resource.id": f"prefect.task-run.{_task_id(number)}",
            "prefect.resource.name": f"double-{number}",
            "prefect.orchestration": "client",
        },
        related=[{"prefect.resource.id": f"prefect.flow-run.{run}", "prefect.resource.role": "flow-run"}],
        payload={"task_run": task_run, "validated_state": {"type": "COMPLETED", "name": "Completed", "message": ""}},
    )


def _task_id(number: int) -> UUID:
    return UUID(int=(0x01A20505 << 96) | (0x7000 << 64) | (0x8000 << 48) | number)


async def _lines(tx: Transaction, run: UUID, first: int, last: int) -> None:
    numbers = range(first, last)
    start = datetime.now(UTC) - LAST_HOURS
    columns: dict[str, Sequence[object]] = {
        "id": new_row_ids(len(numbers)),
        "timestamp": [start + timedelta(milliseconds=number * 10) for number in numbers],
        "name": ["prefect.flow_runs"] * len(numbers),
        "level": [40 if number % 50_000 == 0 else 20 for number in numbers],
        "message": [_message(number) for number in numbers],
        "flow_run_id": [run] * len(numbers),
        "task_run_id": [None] * len(numbers),
    }
    await insert_all(tx, columns)


def _message(number: int) -> str:
    took = f"{number % 37}.{number % 10} s"
    return f"Processed line {number} of customer acme-{number % 977} in {took}: all was well"
