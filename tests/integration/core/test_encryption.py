"""Keys and the database: the check at start, and sealing everything with another key while the server runs."""

from uuid import UUID, uuid4

import pytest

from ostinato_core.block_documents.operations import create_block_document, read_block_document
from ostinato_core.block_schemas.operations import create_block_schema
from ostinato_core.block_types.operations import create_block_type, read_block_type_by_slug
from ostinato_core.block_types.registration import register_block_types
from ostinato_core.db.tables import block_documents, configuration
from ostinato_core.encryption.check import check_key_ring
from ostinato_core.encryption.key_ring import EncryptionKeyMissing, KeyRing
from ostinato_core.encryption.rotation import BATCH, rotate_keys
from ostinato_core.transaction import Database, Transaction
from ostinato_wire.block_documents import BlockDocumentCreate
from ostinato_wire.block_schemas import BlockSchemaCreate
from ostinato_wire.block_types import BlockTypeCreate
from tests.support.workspace import Workspace

OLD, NEW = b"o" * 32, b"n" * 32


async def _forget(tx: Transaction) -> None:
    await tx.run(block_documents.delete())
    await tx.run(configuration.delete())


@pytest.fixture(autouse=True)
async def fresh(database: Database) -> None:
    """No keys and no documents are known, of whatever workspace."""
    await database.write(_forget)


async def store(workspace: Workspace, keys: KeyRing, count: int) -> list[UUID]:
    """Store documents that hold their number; return their ids."""
    mark = uuid4().hex
    type_ = await workspace.write(create_block_type, BlockTypeCreate(name=mark, slug=mark))
    given = BlockSchemaCreate(block_type_id=type_["id"], fields={"title": mark})
    schema, _ = await workspace.write(create_block_schema, given)

    async def make(tx: Transaction, number: int) -> UUID:
        ids = {"block_type_id": type_["id"], "block_schema_id": schema["id"]}
        body = BlockDocumentCreate(name=f"d-{number}", data={"n": number}, **ids)
        return (await create_block_document(tx, body, keys))["id"]

    return [await workspace.write(make, number) for number in range(count)]


async def test_a_server_with_another_key_does_not_start(database: Database) -> None:
    await check_key_ring(database, KeyRing([OLD]))
    await check_key_ring(database, KeyRing([NEW, OLD]))
    with pytest.raises(EncryptionKeyMissing, match=KeyRing([OLD]).primary):
        await check_key_ring(database, KeyRing([NEW]))


async def test_a_document_of_an_unknown_key_is_noticed_at_start(database: Database, workspace: Workspace) -> None:
    await check_key_ring(database, KeyRing([NEW]))
    await store(workspace, KeyRing([OLD]), 1)
    with pytest.raises(EncryptionKeyMissing):
        await check_key_ring(database, KeyRing([NEW]))


async def test_rotation_seals_all_with_the_first_key(database: Database, workspace: Workspace) -> None:
    ids = await store(workspace, KeyRing([OLD]), BATCH + 3)
    await check_key_ring(database, KeyRing([OLD]))

    assert await rotate_keys(database, KeyRing([NEW, OLD])) == len(ids)
    assert await rotate_keys(database, KeyRing([NEW, OLD])) == 0

    await check_key_ring(database, KeyRing([NEW]))
    found = await workspace.read(read_block_document, ids[-1], KeyRing([NEW]))
    assert found["data"] == {"n": BATCH + 2}
    with pytest.raises(EncryptionKeyMissing):
        await workspace.read(read_block_document, ids[0], KeyRing([OLD]))


async def test_rotation_without_the_old_key_changes_nothing(database: Database, workspace: Workspace) -> None:
    (id_,) = await store(workspace, KeyRing([OLD]), 1)
    with pytest.raises(EncryptionKeyMissing):
        await rotate_keys(database, KeyRing([NEW]))
    assert (await workspace.read(read_block_document, id_, KeyRing([OLD])))["data"] == {"n": 0}


async def test_block_types_are_registered_once(database: Database) -> None:
    await register_block_types(database)
    first = await database.read(lambda tx: read_block_type_by_slug(tx, "s3-bucket"))
    await register_block_types(database)
    assert await database.read(lambda tx: read_block_type_by_slug(tx, "s3-bucket")) == first
