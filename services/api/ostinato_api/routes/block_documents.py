"""Block documents."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.block_documents import operations
from ostinato_wire.block_documents import (
    BlockDocument,
    BlockDocumentCreate,
    BlockDocumentsQuery,
    BlockDocumentsWhere,
    BlockDocumentUpdate,
    SecretsQuery,
)

routes = Routes("Block documents")


@routes.post("/block_documents/")
@endpoint(body=BlockDocumentCreate, returns=BlockDocument, statuses=(201,), holds_secrets=True)
async def create_block_document(call: Call[BlockDocumentCreate]) -> Reply:
    """Store a document."""
    return Reply(await call.write(operations.create_block_document, call.body, call.services.keys), 201)


@routes.get("/block_documents/{id}")
@endpoint(query=SecretsQuery, returns=BlockDocument)
async def read_block_document(call: Call[None]) -> Reply:
    """One document; secrets masked unless asked for."""
    keys, secrets = call.services.keys, call.query.include_secrets
    return Reply(await call.lookup(operations.read_block_document, call.id, keys, include_secrets=secrets))


@routes.post("/block_documents/filter")
@endpoint(body=BlockDocumentsQuery, returns=list[BlockDocument])
async def read_block_documents(call: Call[BlockDocumentsQuery]) -> Reply:
    """Documents that match."""
    limit = limit_of(call, call.body.limit)
    return Reply(await call.read(operations.read_block_documents, call.body, call.services.keys, limit))


@routes.post("/block_documents/count")
@endpoint(body=BlockDocumentsWhere, returns=int)
async def count_block_documents(call: Call[BlockDocumentsWhere]) -> Reply:
    """How many documents match."""
    return Reply(await call.read(operations.count_block_documents, call.body))


@routes.patch("/block_documents/{id}")
@endpoint(body=BlockDocumentUpdate, statuses=(204,), holds_secrets=True)
async def update_block_document(call: Call[BlockDocumentUpdate]) -> Reply:
    """Change a document's data or schema."""
    await call.write(operations.update_block_document, call.id, call.body, call.services.keys)
    return NO_CONTENT


@routes.delete("/block_documents/{id}")
@endpoint(statuses=(204,))
async def delete_block_document(call: Call[None]) -> Reply:
    """Delete a document."""
    await call.write(operations.delete_block_document, call.id, call.services.keys)
    return NO_CONTENT
