"""What many requests ask at the same moment is run together, and yet each is answered as if it had come alone."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import Text, cast, func, literal_column, select

from ostinato_core.db import tables
from ostinato_core.errors import Invalid
from ostinato_core.flow_runs.errors import FlowRunNotFound
from ostinato_core.flow_runs.operations import read_flow_run
from ostinato_core.flow_runs.transitions import create_flow_run, set_flow_run_state
from ostinato_core.flows.operations import create_flow
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Database, Transaction
from ostinato_wire.flow_runs import FlowRunCreate
from ostinato_wire.flows import FlowCreate
from ostinato_wire.states import StateCreate, StateType
from tests.support.workspace import Workspace

MANY = 20
PENDING = StateCreate(type=StateType.PENDING)
RUNNING = StateCreate(type=StateType.RUNNING)
COMPLETED = StateCreate(type=StateType.COMPLETED)


async def make_flow(workspace: Workspace) -> UUID:
    flow, _ = await workspace.write(create_flow, FlowCreate(name=f"together-{new_id()}"))
    return flow["id"]


async def make_runs(workspace: Workspace, flow_id: UUID, count: int = MANY) -> list[UUID]:
    body = FlowRunCreate(flow_id=flow_id)
    made = await asyncio.gather(*(workspace.write(create_flow_run, body) for _ in range(count)))
    return [run["id"] for run, _ in made]


def is_postgres(workspace: Workspace) -> bool:
    return workspace.database.dialect.name == "postgresql"


def statuses(answers: Sequence[tuple[JsonDict, bool]]) -> list[str]:
    return [answer["status"] for answer, _ in answers]


async def test_each_of_many_runs_is_made_moved_and_read(workspace: Workspace) -> None:
    run_ids = await make_runs(workspace, await make_flow(workspace))
    assert len(set(run_ids)) == MANY

    halves = (run_ids[::2], RUNNING), (run_ids[1::2], COMPLETED)
    moves = [workspace.write(set_flow_run_state, run_id, state) for ids, state in halves for run_id in ids]
    assert set(statuses(await asyncio.gather(*moves))) == {"ACCEPT"}

    runs = await asyncio.gather(*(workspace.read(read_flow_run, run_id) for run_id in run_ids))
    assert [(run["id"], run["state_type"]) for run in runs] == [
        (run_id, "COMPLETED" if place % 2 else "RUNNING") for place, run_id in enumerate(run_ids)
    ]


async def test_what_is_written_at_the_same_moment_shares_commits(workspace: Workspace) -> None:
    if not is_postgres(workspace):
        pytest.skip("SQLite commits all who wait, whatever they do")
    run_ids = await make_runs(workspace, await make_flow(workspace))
    xmin = cast(literal_column("flow_runs.xmin"), Text)
    commits = select(func.count(xmin.distinct())).where(tables.flow_runs.c.id.in_(run_ids))
    assert await workspace.read(lambda tx: tx.value(commits)) < MANY / 2


async def test_of_many_who_are_about_to_start_one_run_one_may(workspace: Workspace) -> None:
    body = FlowRunCreate(flow_id=await make_flow(workspace), state=StateCreate(type=StateType.SCHEDULED))
    run, _ = await workspace.write(create_flow_run, body)

    answers = await asyncio.gather(*(workspace.write(set_flow_run_state, run["id"], PENDING) for _ in range(MANY)))

    assert statuses(answers).count("ACCEPT") == 1


async def test_who_asks_for_what_is_not_there_spoils_it_for_nobody(workspace: Workspace, database: Database) -> None:
    flow_id = await make_flow(workspace)
    (run_id,) = await make_runs(workspace, flow_id, 1)
    stranger = Workspace(database, new_id())

    read = [space.read(read_flow_run, run_id) for space in (workspace, stranger, workspace, stranger)]
    found = await asyncio.gather(*read, return_exceptions=True)

    assert [isinstance(each, FlowRunNotFound) for each in found] == [False, True, False, True]


async def test_who_fails_spoils_it_for_nobody(workspace: Workspace) -> None:
    run_ids = await make_runs(workspace, await make_flow(workspace))
    states = [StateCreate(type=StateType.RUNNING, message="a NUL: \0"), *[RUNNING] * (MANY - 1)]

    moves = [workspace.write(set_flow_run_state, *each) for each in zip(run_ids, states, strict=True)]
    failed, *moved = await asyncio.gather(*moves, return_exceptions=True)

    assert isinstance(failed, Invalid) or not is_postgres(workspace)  # SQLite stores such a text
    assert not [error for error in moved if isinstance(error, BaseException)]


async def test_a_run_that_somebody_has_locked_holds_up_nobody_else(workspace: Workspace) -> None:
    if not is_postgres(workspace):
        pytest.skip("SQLite locks no rows")
    run_ids = await make_runs(workspace, await make_flow(workspace))
    is_locked, ends = asyncio.Event(), asyncio.Event()

    async def hold(tx: Transaction) -> None:
        await tx.lock(select(tables.flow_runs.c.id).where(tables.flow_runs.c.id == run_ids[0]).with_for_update())
        is_locked.set()
        await ends.wait()

    holder = asyncio.create_task(workspace.write(hold))
    await is_locked.wait()
    held, *free = [asyncio.create_task(workspace.write(set_flow_run_state, run_id, RUNNING)) for run_id in run_ids]

    assert set(statuses(await asyncio.gather(*free))) == {"ACCEPT"}
    assert not held.done()
    ends.set()
    await holder
    assert statuses([await held]) == ["ACCEPT"]
