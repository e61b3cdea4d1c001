"""Task runs that the server orchestrates change their state here: background tasks, stand-ins of sub-flows, and
whatever proposes over REST. What clients orchestrate themselves comes in through events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from coolname import generate_slug
from sqlalchemy import Select, Text, bindparam, cast, or_, select

from ostinato_core.concurrency.leases import release_tag_slots
from ostinato_core.concurrency.slot_ports import SlotPorts
from ostinato_core.db.prepared import prepare, prepare_insert, prepare_insert_or_ignore
from ostinato_core.db.tables import flow_runs, task_run_cache, task_run_states, task_runs
from ostinato_core.errors import IntegrityConflict, LostRace, MissingBelow
from ostinato_core.ids import new_id
from ostinato_core.orchestration.decide import decide
from ostinato_core.orchestration.policies import TASK_MINIMAL, task_run_policy
from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import (
    ANONYMOUS,
    Enqueue,
    FlowRunStanding,
    InsertCache,
    Outcome,
    Proposer,
    ReleaseTagSlots,
    TaskRunFacts,
    Transition,
)
from ostinato_core.run_states import (
    answer,
    current_state_columns,
    facts_of_any_run,
    history_columns,
    run_columns,
    state_of,
    stored_details,
)
from ostinato_core.state_writes import TASK_RUNS, move_run
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.task_runs import queue
from ostinato_core.task_runs.rows import COLUMNS, task_run_json
from ostinato_core.transaction import Transaction
from ostinato_wire.states import TERMINAL_STATES, State, StateCreate, StateType
from ostinato_wire.task_runs import TaskRunCreate

_GET = prepare(
    select(*COLUMNS).where(task_runs.c.id == bindparam("id"), task_runs.c.workspace_id == bindparam("workspace_id"))
)
_FIND_IN_FLOW_RUN = prepare(
    select(*COLUMNS).where(
        task_runs.c.flow_run_id == bindparam("flow_run_id"),
        task_runs.c.task_key == bindparam("task_key"),
        task_runs.c.dynamic_key == bindparam("dynamic_key"),
        task_runs.c.workspace_id == bindparam("workspace_id"),
    )
)
_FIND_ALONE = prepare(
    select(*COLUMNS).where(
        task_runs.c.flow_run_id.is_(None),
        task_runs.c.task_key == bindparam("task_key"),
        task_runs.c.dynamic_key == bindparam("dynamic_key"),
        task_runs.c.workspace_id == bindparam("workspace_id"),
    )
)
_FIND_FLOW_RUN = prepare(
    select(
        flow_runs.c.labels,
        flow_runs.c.run_count,
        flow_runs.c.state_id,
        flow_runs.c.state_type,
        flow_runs.c.state_name,
        flow_runs.c.state_timestamp,
        flow_runs.c.state_message,
        flow_runs.c.state_data,
        flow_runs.c.state_details,
    ).where(flow_runs.c.id == bindparam("id"), flow_runs.c.workspace_id == bindparam("workspace_id"))
)
_FIND_FAILED = prepare(
    select(*COLUMNS).where(
        task_runs.c.flow_run_id == bindparam("flow_run_id"), task_runs.c.state_type == StateType.FAILED.value
    )
)
_FIND_CACHED = prepare(
    select(task_run_cache.c.state)
    .where(
        task_run_cache.c.workspace_id == bindparam("workspace_id"),
        task_run_cache.c.cache_key == bindparam("cache_key"),
        or_(task_run_cache.c.cache_expiration.is_(None), task_run_cache.c.cache_expiration > bindparam("now")),
    )
    .order_by(task_run_cache.c.created.desc())
    .limit(1)
)
_INSERT_UNLESS_KNOWN = prepare_insert_or_ignore(task_runs)
_INSERT_STATE = prepare_insert(task_run_states)
_INSERT_CACHE = prepare_insert(task_run_cache)
CANCELLATIONS: Final = frozenset({StateType.CANCELLING, StateType.CANCELLED})
"""What ends a run that a task worker executes."""
_FIRST_STATE = StateCreate(type=StateType.PENDING)


class TaskRunMissing(MissingBelow):
    """There is no such task run."""

    def __init__(self, run_id: UUID) -> None:
        super().__init__(f"Task run with id {run_id} not found")


class TransactionPorts(SlotPorts):
    """Answers rules out of the transaction. Errors: MissingBelow for a flow run that is gone."""

    async def flow_run_standing(self, flow_run_id: UUID) -> FlowRunStanding:
        row = await self._tx.first(_FIND_FLOW_RUN, {"id": flow_run_id, "workspace_id": self._tx.workspace_id})
        if row is None:
            raise MissingBelow(f"Flow run with id {flow_run_id} not found")
        return FlowRunStanding(state_of(row), row["run_count"])

    async def find_cached_state(self, cache_key: str, now: datetime) -> RunState | None:
        keys = {"workspace_id": self._tx.workspace_id, "cache_key": cache_key, "now": now}
        found: Mapping[str, Any] | None = await self._tx.value(_FIND_CACHED, keys)  # Any: JSON
        if found is None:
            return None
        state = State.model_validate(found)
        return RunState(
            state.id, state.type, str(state.name), state.timestamp, state.message, state.data, found["state_details"]
        )


async def create_task_run(tx: Transaction, body: TaskRunCreate) -> tuple[JsonDict, bool]:
    """Make a task run with its first state; return it and whether it is new.

    A run with the same natural key is returned unchanged. Errors: IntegrityConflict for an unknown flow run.
    """
    found = await _find_by_natural_key(tx, body)
    if found is not None:
        return task_run_json(found, tx.now), False
    labels = dict(body.labels or {})
    if body.flow_run_id is not None:
        enclosing = await tx.first(_FIND_FLOW_RUN, {"id": body.flow_run_id, "workspace_id": tx.workspace_id})
        if enclosing is None:
            raise IntegrityConflict
        labels = {**enclosing["labels"], "prefect.flow-run.id": str(body.flow_run_id), **labels}
    facts = TaskRunFacts(
        id=body.id or new_id(),
        name=body.name or generate_slug(2),
        tags=body.tags,
        empirical_policy=body.empirical_policy.model_dump(mode="json", exclude_defaults=True),
        flow_run_id=body.flow_run_id,
        task_key=body.task_key,
    )
    proposed = RunState.from_wire(body.state or _FIRST_STATE, tx.now)
    transition = Transition(run=facts, proposed=proposed, now=tx.now)
    outcome = await decide(transition, task_run_policy(proposed, force=True), TransactionPorts(tx))
    row = _first_row(tx, body, outcome, labels)
    if await tx.run(_INSERT_UNLESS_KNOWN, row) != 1:
        raise await _why_not_inserted(tx, body)
    assert outcome.state is not None  # a first state is forced, so it is written
    history = {**history_columns(tx, outcome.state, row["state_details"]), "task_run_id": row["id"]}
    await tx.run(_INSERT_STATE, history)
    await follow_instructions(tx, outcome)
    return task_run_json(row, tx.now), True


async def set_task_run_state(
    tx: Transaction,
    run_id: UUID,
    proposed: StateCreate,
    *,
    force: bool = False,
    proposer: Proposer = ANONYMOUS,
) -> tuple[JsonDict, bool]:
    """Propose a state; return the wire's `OrchestrationResult` and whether a state was written.

    Errors: TaskRunMissing; LostRace where another proposal was faster (the caller's database runs this again).
    """
    row = await tx.first(_GET, {"id": run_id, "workspace_id": tx.workspace_id})
    if row is None:
        raise TaskRunMissing(run_id)
    state = RunState.from_wire(proposed, tx.now)
    transition = Transition(run=facts_of(row), proposed=state, now=tx.now, proposer=proposer)
    return await _move(tx, transition, task_run_policy(state, force=force))


async def copy_to_task_run(tx: Transaction, run_id: UUID, state: RunState) -> None:
    """Force a state onto the task run that stands for a sub-flow run; one that is gone needs none."""
    row = await tx.first(_GET, {"id": run_id, "workspace_id": tx.workspace_id})
    if row is not None:
        await _move(tx, Transition(run=facts_of(row), proposed=state, now=tx.now), TASK_MINIMAL)


async def make_failed_runs_ready(tx: Transaction, flow_run_id: UUID, state: RunState) -> None:
    """Force all failed task runs of a flow run to a copy of `state`, and count their runs anew (old clients)."""
    for row in await tx.rows(_FIND_FAILED, {"flow_run_id": flow_run_id}):
        facts = facts_of(row)
        transition = Transition(run=facts, proposed=state.as_new(tx.now), now=tx.now)
        await _move(tx, transition, TASK_MINIMAL, {"run_count": 0})


async def crash_open_runs(tx: Transaction, flow_run_id: UUID, message: str | None) -> None:
    """Let the task runs of a flow run crash that have not ended: the process that ran them is gone.

    Those live on that a background worker executes, or that stand for a sub-flow run which goes on.
    """
    for row in await tx.rows(_open_runs(tx, flow_run_id)):
        state = RunState.make(StateType.CRASHED, tx.now, message=message)
        await _move(tx, Transition(run=facts_of(row), proposed=state, now=tx.now), TASK_MINIMAL)


def _open_runs(tx: Transaction, flow_run_id: UUID) -> Select[Any]:  # Any: columns of many types
    child, first, terminal = flow_runs.alias("child"), task_run_states.c, [state.value for state in TERMINAL_STATES]
    goes_on = select(child.c.id).where(
        child.c.parent_task_run_id == task_runs.c.id, child.c.state_type.not_in(terminal)
    )
    deferred = cast(tx.dialect.json_text(first.state_details, "deferred"), Text).in_(("true", "1"))
    queued = select(first.id).where(
        first.task_run_id == task_runs.c.id, first.type == StateType.SCHEDULED.value, deferred
    )
    own = task_runs.c.flow_run_id == flow_run_id, task_runs.c.state_type.not_in(terminal)
    return select(*COLUMNS).where(*own, ~goes_on.exists(), ~queued.exists()).order_by(task_runs.c.id)


def facts_of(row: Row) -> TaskRunFacts:
    """Return what rules read of a task run."""
    return TaskRunFacts(
        **facts_of_any_run(row),
        flow_run_id=row["flow_run_id"],
        task_key=row["task_key"],
        flow_run_run_count=row["flow_run_run_count"],
    )


async def _find_by_natural_key(tx: Transaction, body: TaskRunCreate) -> Row | None:
    keys: JsonDict = {"task_key": body.task_key, "dynamic_key": body.dynamic_key, "workspace_id": tx.workspace_id}
    if body.flow_run_id is None:
        return await tx.first(_FIND_ALONE, keys)
    return await tx.first(_FIND_IN_FLOW_RUN, {**keys, "flow_run_id": body.flow_run_id})


async def _why_not_inserted(tx: Transaction, body: TaskRunCreate) -> Exception:
    """Return LostRace where the run has just been made by another request, else the conflict of its id."""
    if await _find_by_natural_key(tx, body) is not None:
        return LostRace()
    return IntegrityConflict()


async def _move(
    tx: Transaction, transition: Transition[TaskRunFacts], policy: Policy[TaskRunFacts], also: JsonDict | None = None
) -> tuple[JsonDict, bool]:
    outcome = await decide(transition, policy, TransactionPorts(tx))
    if outcome.state is None:
        return answer(outcome), False
    run, details = transition.run, stored_details(outcome.state)
    columns = current_state_columns(outcome.state, details)
    values = {**run_columns(outcome), **columns, "updated": tx.now, **(also or {})}
    history = {**history_columns(tx, outcome.state, details), "task_run_id": run.id}
    # Not alone: a copy of a sub-flow run's state is written beside that state.
    await move_run(tx, TASK_RUNS, run.id, run.state, values, history, None, alone=False)
    await follow_instructions(tx, outcome)
    if outcome.state.type in CANCELLATIONS:
        tx.after_commit(queue.wake_for_cancellations)
    return answer(outcome), True


async def follow_instructions(tx: Transaction, outcome: Outcome) -> None:
    """Do what else belongs to a state that was written, in the same transaction."""
    assert outcome.state is not None  # the callers have looked
    for instruction in outcome.after:
        match instruction:
            case InsertCache():
                await _insert_cache(tx, instruction, outcome.state)
            case Enqueue(task_run_id, task_key, is_retry):
                await queue.add(tx, task_run_id, task_key, is_retry=is_retry)
            case ReleaseTagSlots(run_id):
                await release_tag_slots(tx, run_id)
            case _:
                raise TypeError(f"Task runs do not know the instruction {instruction!r}.")


async def _insert_cache(tx: Transaction, instruction: InsertCache, state: RunState) -> None:
    row: JsonDict = {
        "id": new_id(),
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "updated": tx.now,
        "cache_key": instruction.cache_key,
        "cache_expiration": instruction.expiration,
        "state": state.to_wire(),
    }
    await tx.run(_INSERT_CACHE, row)


def _first_row(tx: Transaction, body: TaskRunCreate, outcome: Outcome, labels: JsonDict) -> JsonDict:
    run = outcome.run
    assert outcome.state is not None  # a first state is forced, so it is written
    return {
        "id": run.id,
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "updated": tx.now,
        "name": run.name,
        "flow_run_id": body.flow_run_id,
        "task_key": body.task_key,
        "dynamic_key": body.dynamic_key,
        "cache_key": body.cache_key,
        "cache_expiration": body.cache_expiration,
        "task_version": body.task_version,
        "empirical_policy": run.empirical_policy,
        "tags": body.tags,
        "labels": labels,
        "task_inputs": {
            name: [edge.model_dump(mode="json") for edge in edges] for name, edges in body.task_inputs.items()
        },
        **current_state_columns(outcome.state, stored_details(outcome.state)),
        "run_count": run.run_count,
        "flow_run_run_count": 0,
        "expected_start_time": run.expected_start_time,
        "next_scheduled_start_time": run.next_scheduled_start_time,
        "start_time": run.start_time,
        "end_time": run.end_time,
        "total_run_time": run.total_run_time.total_seconds(),
    }
