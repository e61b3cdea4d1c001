"""Block types, and the documents of each."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.block_documents import operations as documents
from ostinato_core.block_types import operations
from ostinato_core.block_types.registration import install_system_block_types
from ostinato_wire.block_documents import BlockDocument, SecretsQuery
from ostinato_wire.block_types import BlockType, BlockTypeCreate, BlockTypesQuery, BlockTypeUpdate

routes = Routes("Block types")


@routes.post("/block_types/")
@endpoint(body=BlockTypeCreate, returns=BlockType, statuses=(201,))
async def create_block_type(call: Call[BlockTypeCreate]) -> Reply:
    """Make a block type."""
    return Reply(await call.write(operations.create_block_type, call.body), 201)


@routes.get("/block_types/{id}")
@endpoint(returns=BlockType)
async def read_block_type(call: Call[None]) -> Reply:
    """One block type."""
    return Reply(await call.lookup(operations.read_block_type, call.id))


@routes.get("/block_types/slug/{slug}")
@endpoint(returns=BlockType)
async def read_block_type_by_slug(call: Call[None]) -> Reply:
    """The block type of a slug."""
    return Reply(await call.lookup(operations.read_block_type_by_slug, call.path("slug")))


@routes.post("/block_types/filter")
@endpoint(body=BlockTypesQuery, returns=list[BlockType])
async def read_block_types(call: Call[BlockTypesQuery]) -> Reply:
    """Block types that match."""
    return Reply(await call.read(operations.read_block_types, call.body, limit_of(call, call.body.limit)))


@routes.patch("/block_types/{id}")
@endpoint(body=BlockTypeUpdate, statuses=(204,))
async def update_block_type(call: Call[BlockTypeUpdate]) -> Reply:
    """Change a block type."""
    await call.write(operations.update_block_type, call.id, call.body)
    return NO_CONTENT


@routes.delete("/block_types/{id}")
@endpoint(statuses=(204,))
async def delete_block_type(call: Call[None]) -> Reply:
    """Delete a block type with its schemas and documents."""
    await call.write(operations.delete_block_type, call.id)
    return NO_CONTENT


@routes.get("/block_types/slug/{slug}/block_documents")
@endpoint(query=SecretsQuery, returns=list[BlockDocument])
async def read_block_documents_for_block_type(call: Call[None]) -> Reply:
    """Documents of a block type."""
    keys, secrets = call.services.keys, call.query.include_secrets
    read = documents.read_block_documents_of_type
    return Reply(await call.read(read, call.path("slug"), keys, limit_of(call, None), include_secrets=secrets))


@routes.get("/block_types/slug/{slug}/block_documents/name/{block_document_name}")
@endpoint(query=SecretsQuery, returns=BlockDocument)
async def read_block_document_by_name(call: Call[None]) -> Reply:
    """The document of a name among those of a block type."""
    slug, name = call.path("slug"), call.path("block_document_name")
    keys, secrets = call.services.keys, call.query.include_secrets
    read = documents.read_block_document_by_name
    return Reply(await call.lookup(read, slug, name, keys, include_secrets=secrets))


@routes.post("/block_types/install_system_block_types")
@endpoint()
async def install_system_types(call: Call[None]) -> Reply:
    """Register the block types that the server needs."""
    await call.write(install_system_block_types)
    return Reply(None)
