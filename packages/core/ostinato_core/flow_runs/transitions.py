"""Flow runs change their state here, and nowhere else: made with their first state, then moved by proposals."""

from uuid import UUID

from coolname import generate_slug
from sqlalchemy import bindparam, select

from ostinato_core.concurrency import leases
from ostinato_core.db.prepared import prepare, prepare_insert, prepare_insert_or_ignore, prepare_lookup, prepared_update
from ostinato_core.db.tables import deployments, flow_run_states, flow_runs, flows, task_runs
from ostinato_core.errors import IntegrityConflict, LostRace
from ostinato_core.events.new_event import NewEvent
from ostinato_core.events.outbox import record
from ostinato_core.flow_runs.facts import facts_of, get_with_surroundings, objects_of
from ostinato_core.flow_runs.parameter_size import check_parameter_size
from ostinato_core.flow_runs.queues import queue_of_new_run
from ostinato_core.flow_runs.rows import PLACED_COLUMNS, SOURCE, flow_run_json
from ostinato_core.ids import new_id
from ostinato_core.liveness.heartbeats import announce_heartbeats
from ostinato_core.orchestration.decide import decide
from ostinato_core.orchestration.policies import FLOW_MINIMAL, flow_run_policy
from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.state_event import related_resources, state_event
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import (
    ANONYMOUS,
    ClearInfrastructure,
    CloseTaskRuns,
    CopyToParentTask,
    ExpectHeartbeats,
    FlowRunFacts,
    KeepLease,
    MakeFailedTaskRunsReady,
    Outcome,
    Proposer,
    ReleaseLease,
    RenewLease,
    Transition,
)
from ostinato_core.run_states import (
    answer,
    current_state_columns,
    history_columns,
    run_columns,
    stored_details,
)
from ostinato_core.state_writes import FLOW_RUNS, insert_run, move_run
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.task_runs.transitions import (
    TransactionPorts,
    copy_to_task_run,
    crash_open_runs,
    make_failed_runs_ready,
)
from ostinato_core.transaction import Transaction
from ostinato_wire.flow_runs import FlowRunCreate
from ostinato_wire.states import StateCreate, StateType

_FIND_BY_KEY = prepare(
    select(*PLACED_COLUMNS)
    .select_from(SOURCE)
    .where(
        flow_runs.c.flow_id == bindparam("flow_id"),
        flow_runs.c.idempotency_key == bindparam("idempotency_key"),
        flow_runs.c.workspace_id == bindparam("workspace_id"),
    )
)
_FIND_FLOW = prepare_lookup(
    select(flows.c.id, flows.c.name, flows.c.tags, flows.c.labels).where(
        flows.c.id == bindparam("id"), flows.c.workspace_id == bindparam("workspace_id")
    )
)
_FIND_DEPLOYMENT = prepare_lookup(
    select(deployments.c.id, deployments.c.name, deployments.c.tags, deployments.c.labels).where(
        deployments.c.id == bindparam("id"), deployments.c.workspace_id == bindparam("workspace_id")
    )
)
_FIND_PARENT = prepare_lookup(
    select(task_runs.c.id, task_runs.c.name, task_runs.c.tags).where(
        task_runs.c.id == bindparam("id"), task_runs.c.workspace_id == bindparam("workspace_id")
    )
)
_INSERT_STATE = prepare_insert(flow_run_states)
_INSERT_UNLESS_KNOWN = prepare_insert_or_ignore(flow_runs, "flow_id", "idempotency_key")
_CLEAR_INFRASTRUCTURE = prepared_update(flow_runs, ("infrastructure_pid",))
_FIRST_STATE = StateCreate(type=StateType.PENDING)


async def create_flow_run(
    tx: Transaction,
    body: FlowRunCreate,
    *,
    created_by: JsonDict | None = None,
    maximum_parameter_size: int = 0,
    queue: Row | None = None,
    deployment_version: str | None = None,
) -> tuple[JsonDict, bool]:
    """Make a flow run with its first state; return it and whether it is new.

    A run of the same flow with the same idempotency key is returned unchanged. `maximum_parameter_size` in bytes, 0
    for none. `queue` is what `queue_of_new_run` returns of the queue, where it is not looked up by the names in the
    body. Errors: IntegrityConflict for an unknown flow or parent, ParametersTooLarge,
    WorkPoolNotFound, WorkQueueOfPoolNotFound.
    """
    check_parameter_size(body.parameters, maximum_parameter_size)
    if body.idempotency_key is not None:
        keys = {"flow_id": body.flow_id, "idempotency_key": body.idempotency_key, "workspace_id": tx.workspace_id}
        if (found := await tx.first(_FIND_BY_KEY, keys)) is not None:
            return flow_run_json(found, tx.now), False
    surroundings = await _surroundings(tx, body, queue)
    facts = _first_facts(body)
    proposed = RunState.from_wire(body.state or _FIRST_STATE, tx.now)
    outcome = await decide(Transition(run=facts, proposed=proposed, now=tx.now), FLOW_MINIMAL, TransactionPorts(tx))
    row = _first_row(tx, body, outcome, surroundings, created_by) | {"deployment_version": deployment_version}
    await _insert(tx, row, outcome, {**surroundings, **row})
    await follow_instructions(tx, outcome)
    return flow_run_json({**surroundings, **row}, tx.now), True


async def set_flow_run_state(
    tx: Transaction,
    run_id: UUID,
    proposed: StateCreate,
    *,
    force: bool = False,
    proposer: Proposer = ANONYMOUS,
    alone: bool = True,
) -> tuple[JsonDict, bool]:
    """Propose a state; return the wire's `OrchestrationResult` and whether a state was written.

    `alone`: the operation writes nothing else. Errors: FlowRunIdNotFound; LostRace where another proposal was faster
    (the caller's database runs this again).
    """
    row = await get_with_surroundings(tx, run_id)
    transition = Transition(
        run=facts_of(row),
        proposed=RunState.from_wire(proposed, tx.now),
        now=tx.now,
        proposer=proposer,
    )
    return await move_flow_run(tx, row, transition, force=force, alone=alone)


async def move_flow_run(
    tx: Transaction,
    row: Row,
    transition: Transition[FlowRunFacts],
    *,
    force: bool = False,
    alone: bool = False,
    policy: Policy[FlowRunFacts] | None = None,
) -> tuple[JsonDict, bool]:
    """Decide a transition of the run in `row` (with its surroundings) and write what comes of it.

    `policy` is by default that of proposals, or with `force` that of forced ones. `alone`: the operation writes
    nothing else. Returns the wire's `OrchestrationResult` and whether a state was written. Errors: LostRace.
    """
    facts = transition.run
    outcome = await decide(transition, policy or flow_run_policy(force=force), TransactionPorts(tx))
    if outcome.state is None:
        return answer(outcome), False
    details = stored_details(outcome.state)
    values = {**run_columns(outcome), **current_state_columns(outcome.state, details), "updated": tx.now}
    history = {**history_columns(tx, outcome.state, details), "flow_run_id": facts.id}
    event = event_of(outcome, facts.state, row)
    alone = alone and not outcome.after
    await move_run(tx, FLOW_RUNS, facts.id, facts.state, values, history, event, alone=alone)
    await follow_instructions(tx, outcome)
    return answer(outcome), True


async def _surroundings(tx: Transaction, body: FlowRunCreate, queue: Row | None) -> JsonDict:
    flow = await tx.first(_FIND_FLOW, {"id": body.flow_id, "workspace_id": tx.workspace_id})
    if flow is None:
        raise IntegrityConflict
    parent: Row | None = None
    if body.parent_task_run_id is not None:
        parent = await tx.first(_FIND_PARENT, {"id": body.parent_task_run_id, "workspace_id": tx.workspace_id})
        if parent is None:
            raise IntegrityConflict
    deployment: Row | None = None
    if body.deployment_id is not None:
        deployment = await tx.first(_FIND_DEPLOYMENT, {"id": body.deployment_id, "workspace_id": tx.workspace_id})
    return {
        "flow_name": flow["name"],
        "flow_tags": flow["tags"],
        "inherited_labels": (deployment or flow)["labels"] or {},
        "deployment_name": deployment["name"] if deployment else None,
        "deployment_tags": deployment["tags"] if deployment else None,
        **(queue or await queue_of_new_run(tx, body.work_pool_name, body.work_queue_name)),
        "parent_name": parent["name"] if parent else None,
        "parent_tags": parent["tags"] if parent else None,
    }


def _first_facts(body: FlowRunCreate) -> FlowRunFacts:
    return FlowRunFacts(
        id=new_id(),
        name=body.name or generate_slug(2),
        tags=body.tags,
        empirical_policy=body.empirical_policy.model_dump(mode="json", exclude_defaults=True),
        flow_id=body.flow_id,
        deployment_id=body.deployment_id,
        parent_task_run_id=body.parent_task_run_id,
    )


def _first_row(
    tx: Transaction, body: FlowRunCreate, outcome: Outcome, surroundings: JsonDict, created_by: JsonDict | None
) -> JsonDict:
    run = outcome.run
    assert outcome.state is not None  # a first state is forced, so it is written
    labels = {**surroundings["inherited_labels"], "prefect.flow.id": str(body.flow_id)}
    if body.deployment_id is not None:
        labels["prefect.deployment.id"] = str(body.deployment_id)
    return {
        "id": run.id,
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "updated": tx.now,
        "name": run.name,
        "flow_id": body.flow_id,
        **current_state_columns(outcome.state, stored_details(outcome.state)),
        "deployment_id": body.deployment_id,
        "deployment_version": None,
        "work_queue_id": surroundings["queue_id"],
        "work_queue_name": body.work_queue_name,
        "flow_version": body.flow_version,
        "parameters": body.parameters,
        "idempotency_key": body.idempotency_key,
        "context": body.context,
        "empirical_policy": run.empirical_policy,
        "tags": body.tags,
        "labels": labels | (body.labels or {}),
        "parent_task_run_id": body.parent_task_run_id,
        "run_count": run.run_count,
        "expected_start_time": run.expected_start_time,
        "next_scheduled_start_time": run.next_scheduled_start_time,
        "start_time": run.start_time,
        "end_time": run.end_time,
        "total_run_time": run.total_run_time.total_seconds(),
        "auto_scheduled": False,
        "infrastructure_document_id": body.infrastructure_document_id,
        "infrastructure_pid": None,
        "created_by": created_by,
        "job_variables": body.job_variables or {},
        "start_before": None,
    }


async def _insert(tx: Transaction, row: JsonDict, outcome: Outcome, surroundings: Row) -> None:
    assert outcome.state is not None  # a first state is forced, so it is written
    history = {**history_columns(tx, outcome.state, row["state_details"]), "flow_run_id": row["id"]}
    event = event_of(outcome, None, surroundings)
    if row["idempotency_key"] is None:
        await insert_run(tx, FLOW_RUNS, row, history, event, alone=not outcome.after)
        return
    if await tx.run(_INSERT_UNLESS_KNOWN, row) != 1:
        raise LostRace  # another request made the run just now: this one then finds it
    await tx.run(_INSERT_STATE, history)
    await record(tx, event)


def event_of(outcome: Outcome, initial: RunState | None, surroundings: Row) -> NewEvent:
    """Return the event of the state that was decided, for a run with its surroundings that was in `initial`."""
    assert outcome.state is not None  # the callers have looked
    assert isinstance(outcome.run, FlowRunFacts)
    return state_event(outcome.run, initial, outcome.state, related_resources(objects_of(surroundings)))


async def follow_instructions(tx: Transaction, outcome: Outcome) -> None:
    """Do what else belongs to a state that was written, in the same transaction."""
    for instruction in outcome.after:
        match instruction:
            case CopyToParentTask(task_run_id, copied):
                await copy_to_task_run(tx, task_run_id, copied)
            case MakeFailedTaskRunsReady(flow_run_id, copied):
                await make_failed_runs_ready(tx, flow_run_id, copied)
            case ReleaseLease(lease_id):
                await leases.release(tx, [lease_id])
            case KeepLease(lease_id):
                await leases.renew(tx, lease_id, tx.now + leases.FOR_EVER)
            case RenewLease(lease_id, lifetime):
                if not await leases.renew(tx, lease_id, tx.now + lifetime):
                    raise LostRace
            case CloseTaskRuns(flow_run_id, message):
                await crash_open_runs(tx, flow_run_id, message)
            case ExpectHeartbeats(flow_run_id, interval):
                await announce_heartbeats(tx, flow_run_id, interval)
            case ClearInfrastructure(flow_run_id):
                await tx.run(_CLEAR_INFRASTRUCTURE, {"key": flow_run_id, "infrastructure_pid": None})
            case _:
                raise TypeError(f"Flow runs do not know the instruction {instruction!r}.")
