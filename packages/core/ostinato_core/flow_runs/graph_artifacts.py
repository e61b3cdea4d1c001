"""The artifacts in the graph of a flow run: those of its task runs hang on their nodes, the others on the run."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select

from ostinato_core.db.prepared import prepare
from ostinato_core.db.tables import artifact_collections, artifacts
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction

_ARTIFACT, _COLLECTION = artifacts.c, artifact_collections.c
_OF_RUN = prepare(
    select(
        _ARTIFACT.id,
        _ARTIFACT.created,
        _ARTIFACT.key,
        _ARTIFACT.type,
        _ARTIFACT.task_run_id,
        _ARTIFACT.data,
        _COLLECTION.id.label("shown_by"),
    )
    .select_from(artifacts)
    .outerjoin(
        artifact_collections,
        and_(_COLLECTION.workspace_id == _ARTIFACT.workspace_id, _COLLECTION.latest_id == _ARTIFACT.id),
    )
    .where(
        _ARTIFACT.flow_run_id == bindparam("flow_run_id"),
        _ARTIFACT.workspace_id == bindparam("workspace_id"),
        or_(_ARTIFACT.type.is_(None), _ARTIFACT.type != "result"),
    )
    .order_by(_ARTIFACT.created, _ARTIFACT.id)
    .limit(bindparam("most"))
)


async def artifacts_by_task_run(tx: Transaction, flow_run_id: UUID, most: int) -> dict[UUID | None, list[JsonDict]]:
    """Return a flow run's artifacts, the first `most`, by the task run that made them; None: the flow run itself."""
    keys: JsonDict = {"flow_run_id": flow_run_id, "workspace_id": tx.workspace_id, "most": most}
    found: defaultdict[UUID | None, list[JsonDict]] = defaultdict(list)
    for row in await tx.rows(_OF_RUN, keys):
        found[row["task_run_id"]].append(_artifact_json(row))
    return found


def _artifact_json(row: Row) -> JsonDict:
    return {
        "id": row["id"],
        "created": row["created"],
        "key": row["key"],
        "type": row["type"],
        "is_latest": row["key"] is None or row["shown_by"] is not None,
        "data": row["data"] if row["type"] == "progress" else None,
    }
