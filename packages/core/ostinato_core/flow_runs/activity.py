"""The last runs of each of many flows or deployments: one look into an index for each of these, however many ran."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Table, literal, select

from ostinato_core.db.tables import deployments, flow_runs, flows
from ostinato_core.db.types import Timestamp
from ostinato_core.filters.flow_runs import STARTED
from ostinato_core.flow_runs.next_runs import next_runs_of
from ostinato_core.flow_runs.rows import POINT_COLUMNS, point_json
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction
from ostinato_wire.activity import ActivityQuery

_RUN = flow_runs.c


async def read_activity_of_flows(tx: Transaction, query: ActivityQuery) -> dict[str, JsonDict]:
    """Return of each flow its runs that were due last, the latest first, and the run that comes next."""
    # All runs of a flow are in its workspace, and the index on them does not say in which.
    last = await _last(tx, flows, _RUN.flow_id, [], query)
    return _activities(query, last, await next_runs_of(tx, _RUN.flow_id, query.ids))


async def read_activity_of_deployments(tx: Transaction, query: ActivityQuery) -> dict[str, JsonDict]:
    """Return the same of deployments."""
    of_index = [_RUN.workspace_id == tx.workspace_id, _RUN.deployment_id.is_not(None)]
    last = await _last(tx, deployments, _RUN.deployment_id, of_index, query)
    return _activities(query, last, await next_runs_of(tx, _RUN.deployment_id, query.ids))


def _activities(
    query: ActivityQuery, last: Mapping[UUID, list[JsonDict]], following: Mapping[UUID, JsonDict]
) -> dict[str, JsonDict]:
    return {str(each): {"runs": last.get(each, []), "next_run": following.get(each)} for each in query.ids}


async def _last(
    tx: Transaction,
    owners: Table,
    owner: ColumnElement[UUID],
    of_index: list[ColumnElement[bool]],
    query: ActivityQuery,
) -> dict[UUID, list[JsonDict]]:
    mine = (owners.c.workspace_id == tx.workspace_id, tx.dialect.is_one_of(owners.c.id, query.ids))
    asked = select(owners.c.id).where(*mine).cte("asked")
    first = (
        select(*POINT_COLUMNS)
        .where(*of_index, owner == asked.c.id, literal(tx.now, Timestamp()) >= STARTED)
        .order_by(STARTED.desc(), _RUN.id.desc())
        .limit(query.runs)
        .correlate(asked)
    )
    source, run = tx.dialect.with_first(asked, flow_runs, first)
    columns = [run.c[column.name] for column in POINT_COLUMNS]
    found: dict[UUID, list[JsonDict]] = {}
    for row in await tx.rows(select(asked.c.id.label("owner"), *columns).select_from(source)):
        if (point := point_json(row, tx.now)) is not None:
            found.setdefault(row["owner"], []).append(point)
    for points in found.values():
        points.sort(key=lambda point: (point["timestamp"], point["id"]), reverse=True)
    return found
