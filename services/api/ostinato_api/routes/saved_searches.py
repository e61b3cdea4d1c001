"""Saved searches."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, created_or_found, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.saved_searches import operations
from ostinato_wire.saved_searches import SavedSearch, SavedSearchCreate, SavedSearchesQuery

routes = Routes("SavedSearches")


@routes.put("/saved_searches/")
@endpoint(body=SavedSearchCreate, returns=SavedSearch, statuses=(201, 200))
async def put_saved_search(call: Call[SavedSearchCreate]) -> Reply:
    """Keep filters under a name."""
    return created_or_found(await call.write(operations.put_search, call.body))


@routes.get("/saved_searches/{id}")
@endpoint(returns=SavedSearch)
async def read_saved_search(call: Call[None]) -> Reply:
    """One saved search."""
    return Reply(await call.lookup(operations.read_search, call.id))


@routes.post("/saved_searches/filter")
@endpoint(body=SavedSearchesQuery, returns=list[SavedSearch])
async def read_saved_searches(call: Call[SavedSearchesQuery]) -> Reply:
    """Saved searches in order of name."""
    limit = limit_of(call, call.body.limit)
    return Reply(await call.read(operations.read_searches, limit, call.body.offset))


@routes.delete("/saved_searches/{id}")
@endpoint(statuses=(204,))
async def delete_saved_search(call: Call[None]) -> Reply:
    """Delete a saved search."""
    await call.write(operations.delete_search, call.id)
    return NO_CONTENT
