"""Registering the block types of the catalogue: those that the server needs, and those that are known of packages."""

from collections.abc import Iterable

from ostinato_core.block_schemas.operations import create_block_schema
from ostinato_core.block_types import repository
from ostinato_core.block_types.catalogue import VERSION, CataloguedBlock, catalogue, catalogue_digest
from ostinato_core.configuration import BLOCK_CATALOGUE, read_value, write_value
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Database, Transaction
from ostinato_wire.block_schemas import BlockSchemaCreate


async def register_block_types(database: Database) -> None:
    """Register the catalogue at start; one query where it is the one that was registered last.

    What a person deleted of it comes back only with a changed catalogue.
    """
    if await database.lookup(lambda tx: read_value(tx, BLOCK_CATALOGUE)) != catalogue_digest():
        await database.write(_register_all)


async def install_system_block_types(tx: Transaction) -> None:
    """Make the block types that the server needs, or bring them up to date, and protect them."""
    await _register(tx, (block for block in catalogue() if block.is_protected))


async def _register_all(tx: Transaction) -> None:
    # First, so that a second process waits here and finds the types made.
    await write_value(tx, BLOCK_CATALOGUE, catalogue_digest())
    await _register(tx, catalogue())


async def _register(tx: Transaction, blocks: Iterable[CataloguedBlock]) -> None:
    for block in blocks:
        shown: JsonDict = {"description": block.description, "code_example": block.code_example}
        shown["is_protected"] = block.is_protected
        row: JsonDict = {"id": new_id(), "created": tx.now, "updated": tx.now, "name": block.name, "slug": block.slug}
        row.update(shown, logo_url=None, documentation_url=None)
        stored = None if await repository.insert(tx, row) else await repository.find_by_slug(tx, block.slug)
        if stored is not None and block.is_protected:
            await repository.write_differences(tx, stored["id"], shown)
        type_id = row["id"] if stored is None else stored["id"]
        given = BlockSchemaCreate(
            fields=block.fields, block_type_id=type_id, capabilities=block.capabilities, version=VERSION
        )
        await create_block_schema(tx, given)
