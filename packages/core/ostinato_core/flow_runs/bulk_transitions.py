"""Proposing one state for many flow runs: each is decided and written by itself."""

from uuid import UUID

from ostinato_core.errors import Fact, LostRace, Unavailable
from ostinato_core.flow_runs import repository
from ostinato_core.flow_runs.transitions import set_flow_run_state
from ostinato_core.orchestration.rule import Abort
from ostinato_core.orchestration.transition import NEWEST_API_VERSION
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Database
from ostinato_wire.queries import FlowRunsBulkSetState, FlowRunsWhere


async def set_states(
    database: Database,
    request: FlowRunsBulkSetState,
    *,
    api_version: tuple[int, ...] = NEWEST_API_VERSION,
    client_version: str | None = None,
) -> JsonDict:
    """Return what became of each flow run that matches, the newest first; a transaction each.

    A run that cannot be moved is told as an ABORT without a state, and does not hold up the others.
    """
    where = FlowRunsWhere(flow_runs=request.flow_runs)
    ids = await database.read(lambda tx: repository.ids_where(tx, where, request.limit))
    return {"results": [await _set_state(database, id_, request, api_version, client_version) for id_ in ids]}


async def _set_state(
    database: Database,
    run_id: UUID,
    request: FlowRunsBulkSetState,
    api_version: tuple[int, ...],
    client_version: str | None,
) -> JsonDict:
    try:
        result, _ = await database.write(
            lambda tx: set_flow_run_state(
                tx,
                run_id,
                request.state,
                force=request.force,
                api_version=api_version,
                client_version=client_version,
            )
        )
    except Fact as fact:
        result = _aborted(fact.message)
    except LostRace:
        result = _aborted(Unavailable().message)
    return {"flow_run_id": run_id, **result}


def _aborted(reason: str) -> JsonDict:
    abort = Abort(reason)
    return {"state": None, "status": abort.status.value, "details": abort.details()}
