"""Block types: the kinds of blocks, each of one class on the client's side."""

import re
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import AfterValidator

from ostinato_wire.base import Changes, Name, UtcTime, WireModel
from ostinato_wire.block_schemas_filter import BlockSchemaFilter
from ostinato_wire.filters import AnyText
from ostinato_wire.queries import Slice

_SLUG = re.compile(r"[a-z0-9-]*")


def _check_slug(slug: str) -> str:
    if not _SLUG.fullmatch(slug):
        raise ValueError("Block type slug must only contain lowercase letters, numbers, and dashes.")
    return slug


Slug: TypeAlias = Annotated[str, AfterValidator(_check_slug)]


class BlockTypeUpdate(Changes):
    """Body of `PATCH /block_types/{id}`."""

    logo_url: str | None = None
    documentation_url: str | None = None
    description: str | None = None
    code_example: str | None = None


class BlockTypeCreate(WireModel):
    """Body of `POST /block_types/`."""

    name: Name
    slug: Slug
    logo_url: str | None = None
    documentation_url: str | None = None
    description: str | None = None
    code_example: str | None = None


class BlockType(BlockTypeCreate):
    """A stored block type; a protected one belongs to the server and cannot be deleted."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    is_protected: bool = False


class LikeFilter(WireModel):
    """A case-insensitive substring."""

    like_: str | None = None


class BlockTypeFilter(WireModel):
    """Which block types."""

    name: LikeFilter | None = None
    slug: AnyText | None = None


class BlockTypesQuery(Slice):
    """Body of `POST /block_types/filter`."""

    block_types: BlockTypeFilter | None = None
    block_schemas: BlockSchemaFilter | None = None
