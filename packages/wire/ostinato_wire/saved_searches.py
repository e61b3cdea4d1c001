"""Saved searches: filters that a person keeps under a name."""

from uuid import UUID

from pydantic import Field

from ostinato_wire.base import Json, UtcTime, WireModel
from ostinato_wire.queries import Slice


class SavedSearchFilter(WireModel):
    """One criterion of a saved search, as the UI writes it: the server does not look into it."""

    object: str
    property: str
    type: str
    operation: str
    value: Json


class SavedSearchCreate(WireModel):
    """Body of `PUT /saved_searches/`: made if the name is new, else the stored filters are replaced."""

    name: str
    filters: list[SavedSearchFilter] = Field(default_factory=list[SavedSearchFilter])


class SavedSearch(SavedSearchCreate):
    """A stored search."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None


class SavedSearchesQuery(Slice):
    """Body of `POST /saved_searches/filter`."""
