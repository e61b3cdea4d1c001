"""What can be done with saved searches, and all SQL about them."""

from uuid import UUID

from sqlalchemy import bindparam, delete, select

from ostinato_core.db.prepared import prepare
from ostinato_core.db.tables import saved_searches
from ostinato_core.errors import NotFound
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction
from ostinato_wire.saved_searches import SavedSearchCreate

_SEARCH = saved_searches.c
_COLUMNS = tuple(column for column in _SEARCH if column.name != "workspace_id")
_BY_ID = (_SEARCH.id == bindparam("id"), _SEARCH.workspace_id == bindparam("workspace_id"))
_READ = prepare(select(*_COLUMNS).where(*_BY_ID))
_DELETE = prepare(delete(saved_searches).where(*_BY_ID))
_LIST = prepare(
    select(*_COLUMNS)
    .where(_SEARCH.workspace_id == bindparam("workspace_id"))
    .order_by(_SEARCH.name)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)


class SavedSearchNotFound(NotFound):
    """No saved search has the id."""

    def __init__(self) -> None:
        super().__init__("Saved search not found")


async def put_search(tx: Transaction, given: SavedSearchCreate) -> tuple[JsonDict, bool]:
    """Keep filters under a name, in place of those that were there; return the search and whether it is new."""
    filters = [criterion.model_dump() for criterion in given.filters]
    id_ = new_id()
    values = {"id": id_, "workspace_id": tx.workspace_id, "created": tx.now, "updated": tx.now}
    statement = (
        tx.dialect.insert(saved_searches)
        .values(**values, name=given.name, filters=filters)
        .on_conflict_do_update(index_elements=["workspace_id", "name"], set_={"filters": filters, "updated": tx.now})
        .returning(*_COLUMNS)
    )
    row = await tx.first(statement)
    assert row is not None
    return dict(row), row["id"] == id_


async def read_search(tx: Transaction, search_id: UUID) -> JsonDict:
    """Return a saved search. Errors: SavedSearchNotFound."""
    row = await tx.first(_READ, {"id": search_id, "workspace_id": tx.workspace_id})
    if row is None:
        raise SavedSearchNotFound
    return dict(row)


async def read_searches(tx: Transaction, limit: int, offset: int) -> list[JsonDict]:
    """Return saved searches in order of name."""
    rows = await tx.rows(_LIST, {"workspace_id": tx.workspace_id, "limit": limit, "offset": offset})
    return [dict(row) for row in rows]


async def delete_search(tx: Transaction, search_id: UUID) -> None:
    """Delete a saved search. Errors: SavedSearchNotFound."""
    if await tx.run(_DELETE, {"id": search_id, "workspace_id": tx.workspace_id}) == 0:
        raise SavedSearchNotFound
