"""Block documents: stored configuration and credentials, of a block type, nested where it says so."""

import re
from enum import StrEnum
from typing import Annotated, Self, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from ostinato_wire.base import Changes, JsonObject, Name, UtcTime, WireModel
from ostinato_wire.block_schemas import BlockSchema
from ostinato_wire.block_schemas_filter import BlockSchemaFilter
from ostinato_wire.block_types import BlockType, BlockTypeFilter
from ostinato_wire.filters import AnyId, FlagFilter, NameFilter, OperatorFilter
from ostinato_wire.queries import Slice

_NAME = re.compile(r"[a-z0-9-]*")


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("Block document name must only contain lowercase letters, numbers, and dashes.")
    return name


BlockDocumentName: TypeAlias = Annotated[Name, AfterValidator(_check_name)]


class BlockDocumentCreate(WireModel):
    """Body of `POST /block_documents/`; a member `{"$ref": {"block_document_id": <id>}}` nests another document."""

    name: BlockDocumentName | None = None
    data: JsonObject = Field(default_factory=dict)
    block_schema_id: UUID
    block_type_id: UUID
    is_anonymous: bool = False

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if self.name is None and not self.is_anonymous:
            raise ValueError("Names must be provided for block documents.")
        return self


class BlockDocumentUpdate(Changes):
    """Body of `PATCH /block_documents/{id}`: data are merged over the stored ones, or replace them."""

    block_schema_id: UUID | None = None
    data: JsonObject = Field(default_factory=dict)
    merge_existing_data: bool = True


class BlockDocument(WireModel):
    """A stored document, with its nested documents' data in their places; secrets masked unless asked for."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    name: str | None = None
    data: JsonObject = Field(default_factory=dict)
    block_schema_id: UUID
    block_schema: BlockSchema | None = None
    block_type_id: UUID
    block_type_name: str | None = None
    block_type: BlockType | None = None
    block_document_references: dict[str, JsonObject] = Field(default_factory=dict)
    is_anonymous: bool = False


def _not_anonymous() -> FlagFilter:
    return FlagFilter(eq_=False)


class BlockDocumentFilter(OperatorFilter):
    """Which documents; anonymous ones only where `is_anonymous` is null or says so."""

    id: AnyId | None = None
    is_anonymous: FlagFilter | None = Field(default_factory=_not_anonymous)
    block_type_id: AnyId | None = None
    name: NameFilter | None = None


class BlockDocumentSort(StrEnum):
    """Orders of a list of documents."""

    NAME_DESC = "NAME_DESC"
    NAME_ASC = "NAME_ASC"
    BLOCK_TYPE_AND_NAME_ASC = "BLOCK_TYPE_AND_NAME_ASC"


class BlockDocumentsWhere(WireModel):
    """Body of `POST /block_documents/count`."""

    block_documents: BlockDocumentFilter | None = None
    block_types: BlockTypeFilter | None = None
    block_schemas: BlockSchemaFilter | None = None


class BlockDocumentsQuery(BlockDocumentsWhere, Slice):
    """Body of `POST /block_documents/filter`."""

    include_secrets: bool = False
    sort: BlockDocumentSort = BlockDocumentSort.NAME_ASC


class SecretsQuery(WireModel):
    """Query of a route that reads documents."""

    include_secrets: bool = False
