"""What can be done with artifacts and with the collections that show the latest of each key."""

from collections.abc import Collection
from uuid import UUID

from ostinato_core.artifacts import repository
from ostinato_core.artifacts.errors import ArtifactNotFound
from ostinato_core.db.tables import artifact_collections, artifacts
from ostinato_core.events.outbox import NewEvent, record
from ostinato_core.filters.artifacts import artifacts_where, collections_where
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.artifacts import (
    ArtifactCollectionsQuery,
    ArtifactCollectionsWhere,
    ArtifactCreate,
    ArtifactsQuery,
    ArtifactsWhere,
    ArtifactUpdate,
)
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE


async def create_artifact(tx: Transaction, given: ArtifactCreate) -> JsonDict:
    """Store an artifact; with a key it becomes the latest of its key. Whether its runs exist is not asked."""
    row: JsonDict = {"id": new_id(), "created": tx.now, "updated": tx.now, "key": given.key}
    row.update({name: getattr(given, name) for name in repository.CONTENT})
    await repository.insert(tx, row)
    if given.key is not None:
        collection, is_first = await repository.show_latest(tx, row)
        await record(tx, _event("created" if is_first else "updated", collection))
    return row


async def read_artifact(tx: Transaction, artifact_id: UUID) -> JsonDict:
    """Return an artifact. Errors: ArtifactNotFound."""
    row = await repository.find(tx, artifact_id)
    if row is None:
        raise ArtifactNotFound
    return dict(row)


async def read_latest(tx: Transaction, key: str) -> JsonDict:
    """Return the collection of a key in the shape of an artifact, with its own id. Errors: ArtifactNotFound."""
    row = await repository.find_latest(tx, key)
    if row is None:
        raise ArtifactNotFound
    return {name: value for name, value in row.items() if name != "latest_id"}


async def read_artifacts(tx: Transaction, query: ArtifactsQuery, limit: int) -> list[JsonDict]:
    """Return artifacts that match, at most `limit`."""
    condition = artifacts_where(tx, query)
    rows = await repository.select_where(tx, artifacts, condition, query.sort, limit, query.offset)
    return [dict(row) for row in rows]


async def count_artifacts(tx: Transaction, where: ArtifactsWhere) -> int:
    """Return how many artifacts match."""
    return await repository.count_where(tx, artifacts, artifacts_where(tx, where))


async def read_collections(tx: Transaction, query: ArtifactCollectionsQuery, limit: int) -> list[JsonDict]:
    """Return collections that match, at most `limit`."""
    condition = collections_where(tx, query)
    rows = await repository.select_where(tx, artifact_collections, condition, query.sort, limit, query.offset)
    return [dict(row) for row in rows]


async def count_collections(tx: Transaction, where: ArtifactCollectionsWhere) -> int:
    """Return how many collections match."""
    return await repository.count_where(tx, artifact_collections, collections_where(tx, where))


async def update_artifact(tx: Transaction, artifact_id: UUID, update: ArtifactUpdate) -> None:
    """Write the members that are present, also where the artifact is shown as a latest. Errors: ArtifactNotFound."""
    await repository.write(tx, artifact_id, update.model_dump(exclude_unset=True))


async def delete_artifact(tx: Transaction, artifact_id: UUID) -> None:
    """Delete an artifact; if it was the latest of its key, the newest that is left takes its place.

    Errors: ArtifactNotFound.
    """
    key = await repository.remove(tx, artifact_id)
    if key is not None:
        await _show_what_is_left(tx, key, {artifact_id})


async def delete_artifacts(tx: Transaction, artifact_ids: Collection[UUID]) -> int:
    """Delete those of the artifacts that there are, as `delete_artifact` does; return how many."""
    keys = await repository.remove_all(tx, artifact_ids)
    for key in sorted({key for key in keys if key is not None}):
        await _show_what_is_left(tx, key, set(artifact_ids))
    return len(keys)


async def _show_what_is_left(tx: Transaction, key: str, deleted: set[UUID]) -> None:
    if await repository.hold_latest(tx, key) not in deleted:
        return
    newest = await repository.find_newest(tx, key)
    if newest is not None:
        await record(tx, _event("updated", await repository.show_older(tx, newest)))
    elif (removed := await repository.remove_collection(tx, key)) is not None:
        await record(tx, _event("deleted", removed))


def _event(change: str, collection: Row) -> NewEvent:
    runs = (("flow-run", collection["flow_run_id"]), ("task-run", collection["task_run_id"]))
    related = [_related("artifact", collection["latest_id"], "latest")]
    related.extend(_related(kind, run_id, kind) for kind, run_id in runs if run_id is not None)
    resource_id = f"prefect.artifact-collection.{collection['id']}"
    return {
        "event": f"prefect.artifact-collection.{change}",
        "resource": {RESOURCE_ID: resource_id, RESOURCE_NAME: collection["key"]},
        "related": related,
        "payload": {name: collection[name] for name in ("key", "type", "data", "description")},
    }


def _related(kind: str, id_: UUID, role: str) -> dict[str, str]:
    return {RESOURCE_ID: f"prefect.{kind}.{id_}", RESOURCE_ROLE: role}
