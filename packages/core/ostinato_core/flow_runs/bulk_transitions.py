"""Proposing one state for many flow runs: each is decided and written by itself."""

from typing import Protocol
from uuid import UUID

from ostinato_core.errors import Fact, LostRace, Unavailable
from ostinato_core.flow_runs import repository
from ostinato_core.flow_runs.cascade import cancel_tree, check_goes_down
from ostinato_core.flow_runs.transitions import set_flow_run_state
from ostinato_core.orchestration.rule import Abort
from ostinato_core.orchestration.transition import ANONYMOUS, Proposer
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Database, Transaction
from ostinato_wire.queries import FlowRunsBulkSetState, FlowRunsWhere
from ostinato_wire.states import StateCreate


async def set_states(
    database: Database,
    request: FlowRunsBulkSetState,
    *,
    cascade: bool = False,
    proposer: Proposer = ANONYMOUS,
) -> JsonDict:
    """Return what became of each flow run that matches, the newest first; a transaction each.

    A run that cannot be moved is told as an ABORT without a state, and does not hold up the others. `cascade`: the
    runs below each are cancelled with it, see `cancel_tree`. Errors: CascadeRefused.
    """
    if cascade:
        check_goes_down(request.state.type)
    propose = cancel_tree if cascade else set_flow_run_state
    where = FlowRunsWhere(flow_runs=request.flow_runs)
    ids = await database.read(lambda tx: repository.ids_where(tx, where, request.limit))
    return {"results": [await _set_state(database, propose, id_, request, proposer) for id_ in ids]}


class _Propose(Protocol):
    async def __call__(
        self,
        tx: Transaction,
        run_id: UUID,
        proposed: StateCreate,
        *,
        force: bool = False,
        proposer: Proposer = ANONYMOUS,
    ) -> tuple[JsonDict, bool]: ...


async def _set_state(
    database: Database,
    propose: _Propose,
    run_id: UUID,
    request: FlowRunsBulkSetState,
    proposer: Proposer,
) -> JsonDict:
    try:
        result, _ = await database.write(
            lambda tx: propose(tx, run_id, request.state, force=request.force, proposer=proposer)
        )
    except Fact as fact:
        result = _aborted(fact.message)
    except LostRace:
        result = _aborted(Unavailable().message)
    return {"flow_run_id": run_id, **result}


def _aborted(reason: str) -> JsonDict:
    abort = Abort(reason)
    return {"state": None, "status": abort.status.value, "details": abort.details()}
