"""Block schemas, and their capabilities."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, created_or_found, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.block_schemas import operations
from ostinato_wire.block_schemas import BlockSchema, BlockSchemaCreate, BlockSchemasQuery, BlockSchemaVersionQuery

routes = Routes("Block schemas")
capabilities = Routes("Block capabilities")


@routes.post("/block_schemas/")
@endpoint(body=BlockSchemaCreate, returns=BlockSchema, statuses=(201, 200))
async def create_block_schema(call: Call[BlockSchemaCreate]) -> Reply:
    """Make a schema, or find the one of that checksum."""
    return created_or_found(await call.write(operations.create_block_schema, call.body))


@routes.get("/block_schemas/{id}")
@endpoint(returns=BlockSchema)
async def read_block_schema(call: Call[None]) -> Reply:
    """One schema."""
    return Reply(await call.lookup(operations.read_block_schema, call.id))


@routes.get("/block_schemas/checksum/{checksum}")
@endpoint(query=BlockSchemaVersionQuery, returns=BlockSchema)
async def read_block_schema_by_checksum(call: Call[None]) -> Reply:
    """The newest schema of a checksum."""
    checksum, version = call.path("checksum"), call.query.version
    return Reply(await call.lookup(operations.read_block_schema_by_checksum, checksum, version))


@routes.post("/block_schemas/filter")
@endpoint(body=BlockSchemasQuery, returns=list[BlockSchema])
async def read_block_schemas(call: Call[BlockSchemasQuery]) -> Reply:
    """Schemas that match, the newest first."""
    return Reply(await call.read(operations.read_block_schemas, call.body, limit_of(call, call.body.limit)))


@routes.delete("/block_schemas/{id}")
@endpoint(statuses=(204,))
async def delete_block_schema(call: Call[None]) -> Reply:
    """Delete a schema with its documents."""
    await call.write(operations.delete_block_schema, call.id)
    return NO_CONTENT


@capabilities.get("/block_capabilities/")
@endpoint(returns=list[str])
async def read_capabilities(call: Call[None]) -> Reply:
    """Each capability that some schema has."""
    return Reply(await call.read(operations.read_block_capabilities))
