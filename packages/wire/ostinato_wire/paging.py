"""Offsets, limits and pages (behaviour.md, section 4)."""

from typing import Annotated, Generic, TypeVar

from pydantic import Field

from ostinato_wire.base import WireModel

DEFAULT_LIMIT = 200
"""Rows that one answer holds at most, unless the server is set up otherwise."""

T = TypeVar("T")

Offset = Annotated[int, Field(ge=0, lt=2**62)]
PageNumber = Annotated[int, Field(ge=1, lt=2**31)]
BulkLimit = Annotated[int, Field(ge=1, le=50)]


class Page(WireModel, Generic[T]):
    """One page of a list; `pages` is the number of pages, 0 where `limit` is 0."""

    results: list[T]
    count: int
    limit: int
    pages: int
    page: int
