"""Block documents: what the blocks of a type hold. Reads include secrets unless told otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.client.operation import decode, encode, facts
from ostinato.client.plans.filters import body_of
from ostinato.client.steps import Plan, Request
from ostinato_wire.block_documents import BlockDocument, BlockDocumentCreate, BlockDocumentSort, BlockDocumentUpdate

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.client.steps import Query
    from ostinato_wire.base import JsonObject


def create_block_document(body: BlockDocumentCreate) -> Plan[BlockDocument]:
    """Store a block. Raises ObjectAlreadyExists if its type has one of that name."""
    with facts():
        response = yield Request("POST", "/block_documents/", encode(body))
    return decode(response, BlockDocument)


def update_block_document(block_document_id: UUID, body: BlockDocumentUpdate) -> Plan[None]:
    """Change the members of a block that are set in `body`. Raises ObjectNotFound."""
    with facts():
        yield Request("PATCH", f"/block_documents/{block_document_id}", encode(body.model_dump(exclude_unset=True)))


def delete_block_document(block_document_id: UUID) -> Plan[None]:
    """Delete a block. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/block_documents/{block_document_id}")


def read_block_document(block_document_id: UUID, include_secrets: bool = True) -> Plan[BlockDocument]:
    """Return a block. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/block_documents/{block_document_id}", query=_secrets(include_secrets))
    return decode(response, BlockDocument)


def read_block_document_by_name(name: str, block_type_slug: str, include_secrets: bool = True) -> Plan[BlockDocument]:
    """Return the block of a type by its name. Raises ObjectNotFound."""
    path = f"/block_types/slug/{block_type_slug}/block_documents/name/{name}"
    with facts():
        response = yield Request("GET", path, query=_secrets(include_secrets))
    return decode(response, BlockDocument)


def read_block_documents(
    limit: int | None = None,
    offset: int = 0,
    include_secrets: bool = True,
    sort: BlockDocumentSort = BlockDocumentSort.NAME_ASC,
) -> Plan[list[BlockDocument]]:
    """Return the blocks that have a name."""
    body = body_of({}, limit=limit, offset=offset, include_secrets=include_secrets, sort=sort)
    response = yield Request("POST", "/block_documents/filter", encode(body))
    return decode(response, list[BlockDocument])


def read_block_documents_by_type(block_type_slug: str, include_secrets: bool = True) -> Plan[list[BlockDocument]]:
    """Return the blocks of a type. Raises ObjectNotFound."""
    path = f"/block_types/slug/{block_type_slug}/block_documents"
    with facts():
        response = yield Request("GET", path, query=_secrets(include_secrets))
    return decode(response, list[BlockDocument])


def read_block_data(block_type_slug: str, name: str) -> Plan[JsonObject]:
    """Return the data of a block, secrets in clear. Raises ObjectNotFound."""
    return (yield from read_block_document_by_name(name, block_type_slug)).data


def read_block_document_data(block_document_id: UUID) -> Plan[JsonObject]:
    """Return the data of a block, secrets in clear. Raises ObjectNotFound."""
    return (yield from read_block_document(block_document_id)).data


def _secrets(included: bool) -> Query:
    return {"include_secrets": "true" if included else "false"}
