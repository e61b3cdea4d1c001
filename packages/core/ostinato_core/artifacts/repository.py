"""All SQL about artifacts and the collections that show the latest of each key."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, bindparam, delete, func, select, update

from ostinato_core.artifacts.errors import ArtifactNotFound
from ostinato_core.db.prepared import prepare, prepare_insert
from ostinato_core.db.tables import artifact_collections, artifacts
from ostinato_core.filters.criteria import Condition
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.artifacts import ArtifactSort

CONTENT = ("type", "description", "data", "metadata_", "flow_run_id", "task_run_id")
"""What a collection repeats of its latest artifact."""

_ARTIFACT, _COLLECTION = artifacts.c, artifact_collections.c


def columns(table: Table) -> tuple[Column[Any], ...]:  # Any: columns are of many types
    """Return what the API answers of an artifact or a collection."""
    return tuple(column for column in table.c if column.name != "workspace_id")


_BY_ID = (_ARTIFACT.id == bindparam("id"), _ARTIFACT.workspace_id == bindparam("workspace_id"))
_BY_KEY = (_COLLECTION.key == bindparam("key"), _COLLECTION.workspace_id == bindparam("workspace_id"))
_INSERT = prepare_insert(artifacts)
_READ = prepare(select(*columns(artifacts)).where(*_BY_ID))
_DELETE = prepare(delete(artifacts).where(*_BY_ID).returning(_ARTIFACT.key))
_LATEST = prepare(select(*columns(artifact_collections)).where(*_BY_KEY))
# Changes nothing, but holds the collection until the transaction ends.
_HOLD = prepare(
    update(artifact_collections).where(*_BY_KEY).values(updated=_COLLECTION.updated).returning(_COLLECTION.latest_id)
)
_NEWEST = prepare(
    select(*columns(artifacts))
    .where(_ARTIFACT.key == bindparam("key"), _ARTIFACT.workspace_id == bindparam("workspace_id"))
    .order_by(_ARTIFACT.created.desc(), _ARTIFACT.id.desc())
    .limit(1)
)


async def insert(tx: Transaction, row: JsonDict) -> None:
    """Insert an artifact."""
    await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id})


async def find(tx: Transaction, artifact_id: UUID) -> Row | None:
    """Return an artifact, or None."""
    return await tx.first(_READ, {"id": artifact_id, "workspace_id": tx.workspace_id})


async def find_latest(tx: Transaction, key: str) -> Row | None:
    """Return the collection of a key, or None."""
    return await tx.first(_LATEST, {"key": key, "workspace_id": tx.workspace_id})


async def show_latest(tx: Transaction, artifact: Row) -> tuple[Row, bool]:
    """Make the artifact the latest of its key; return the collection and whether it is new."""
    id_ = new_id()
    content = {name: artifact[name] for name in CONTENT}
    shown = {"latest_id": artifact["id"], "updated": tx.now, **content}
    statement = (
        tx.dialect.insert(artifact_collections)
        .values(id=id_, workspace_id=tx.workspace_id, created=tx.now, key=artifact["key"], **shown)
        .on_conflict_do_update(index_elements=["workspace_id", "key"], set_=shown)
        .returning(*columns(artifact_collections))
    )
    row = await tx.first(statement)
    assert row is not None
    return row, row["id"] == id_


async def write(tx: Transaction, artifact_id: UUID, values: Mapping[str, Any]) -> None:  # Any: columns of many types
    """Write columns of an artifact, and of the collection that shows it. Errors: ArtifactNotFound."""
    own = (_ARTIFACT.id == artifact_id, _ARTIFACT.workspace_id == tx.workspace_id)
    if await tx.run(update(artifacts).where(*own).values(**values, updated=tx.now)) == 0:
        raise ArtifactNotFound
    shown = (_COLLECTION.latest_id == artifact_id, _COLLECTION.workspace_id == tx.workspace_id)
    await tx.run(update(artifact_collections).where(*shown).values(**values, updated=tx.now))


async def remove(tx: Transaction, artifact_id: UUID) -> str | None:
    """Delete an artifact and return its key. Errors: ArtifactNotFound."""
    row = await tx.first(_DELETE, {"id": artifact_id, "workspace_id": tx.workspace_id})
    if row is None:
        raise ArtifactNotFound
    return row["key"]


async def remove_all(tx: Transaction, artifact_ids: Collection[UUID]) -> list[str | None]:
    """Delete artifacts and return the keys of those that there were."""
    own = (tx.dialect.is_one_of(_ARTIFACT.id, list(artifact_ids)), _ARTIFACT.workspace_id == tx.workspace_id)
    return [row["key"] for row in await tx.rows(delete(artifacts).where(*own).returning(_ARTIFACT.key))]


async def hold_latest(tx: Transaction, key: str) -> UUID | None:
    """Return which artifact the key's collection shows, and let nobody change that until the transaction ends.

    Two deletions would else not see each other, and the collection could end up showing what the other one deleted.
    """
    row = await tx.first(_HOLD, {"key": key, "workspace_id": tx.workspace_id})
    return None if row is None else row["latest_id"]


async def find_newest(tx: Transaction, key: str) -> Row | None:
    """Return the newest artifact of a key, or None."""
    return await tx.first(_NEWEST, {"key": key, "workspace_id": tx.workspace_id})


async def show_older(tx: Transaction, artifact: Row) -> Row:
    """Make a collection show an older artifact as if it never had a newer one, and return the collection."""
    content = {name: artifact[name] for name in (*CONTENT, "created", "updated")}
    own = (_COLLECTION.key == artifact["key"], _COLLECTION.workspace_id == tx.workspace_id)
    statement = update(artifact_collections).where(*own).values(latest_id=artifact["id"], **content)
    row = await tx.first(statement.returning(*columns(artifact_collections)))
    assert row is not None
    return row


async def remove_collection(tx: Transaction, key: str) -> Row | None:
    """Delete the collection of a key and return what it was."""
    own = (_COLLECTION.key == key, _COLLECTION.workspace_id == tx.workspace_id)
    return await tx.first(delete(artifact_collections).where(*own).returning(*columns(artifact_collections)))


async def select_where(
    tx: Transaction, table: Table, condition: Condition, sort: ArtifactSort, limit: int, offset: int
) -> Sequence[Row]:
    """Return the artifacts or collections that match, in order."""
    statement = select(*columns(table)).where(condition).order_by(*_order(table, sort)).limit(limit).offset(offset)
    return await tx.rows(statement)


async def count_where(tx: Transaction, table: Table, condition: Condition) -> int:
    """Return how many artifacts or collections match."""
    return await tx.value(select(func.count()).select_from(table).where(condition))


def _order(table: Table, sort: ArtifactSort) -> tuple[ColumnElement[Any], ...]:  # Any: columns are of many types
    id_ = table.c.id
    match sort:
        case ArtifactSort.ID_DESC:
            return (id_.desc(),)
        case ArtifactSort.CREATED_DESC:
            return table.c.created.desc(), id_.desc()
        case ArtifactSort.UPDATED_DESC:
            return table.c.updated.desc(), id_.desc()
        case ArtifactSort.KEY_ASC:
            return table.c.key.asc(), id_.asc()
        case ArtifactSort.KEY_DESC:
            return table.c.key.desc(), id_.desc()
