"""Sealing all documents with the first key of the ring: in batches, while the server runs."""

from uuid import UUID

from sqlalchemy import bindparam, select, update

from ostinato_core.block_documents.sealing import open_data, place_of
from ostinato_core.configuration import ENCRYPTION_KEY, write_value
from ostinato_core.db.prepared import prepare
from ostinato_core.db.tables import block_documents
from ostinato_core.db.types import dumps
from ostinato_core.encryption.key_ring import KeyRing
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Database, Transaction

BATCH = 200
"""Documents that are sealed in one transaction."""

_DOCUMENT = block_documents.c
# In order of id, from one batch to the next: what others write meanwhile is not met twice.
_OLD = (
    select(_DOCUMENT.id, _DOCUMENT.workspace_id, _DOCUMENT.data, _DOCUMENT.key_id)
    .where(_DOCUMENT.key_id != bindparam("key_id"))
    .order_by(_DOCUMENT.id)
    .limit(BATCH)
)
_SEAL = prepare(
    update(block_documents)
    .where(_DOCUMENT.id == bindparam("document_id"), _DOCUMENT.data == bindparam("read"))
    .values(data=bindparam("data"), key_id=bindparam("key_id"))
)


async def rotate_keys(database: Database, keys: KeyRing) -> int:
    """Seal every document with the first key of the ring; return how many were sealed anew.

    Safe to stop and run again, and while others write: a document that was changed meanwhile is met again. The other
    keys may be dropped from every server's ring afterwards, once each server seals with the first one.

    Errors: EncryptionKeyMissing where a document's key is not in the ring; SealBroken. Nothing is lost then.
    """
    # First, so that a server that starts now must know the key.
    await database.write(lambda tx: write_value(tx, ENCRYPTION_KEY, keys.primary))
    sealed = 0
    while True:
        found, written = await database.write(lambda tx: _seal_batch(tx, keys))
        sealed += written
        if not found:
            return sealed


async def _seal_batch(tx: Transaction, keys: KeyRing) -> tuple[int, int]:
    rows = await tx.rows(_OLD, {"key_id": keys.primary})
    written = 0
    for row in rows:
        written += await _seal(tx, keys, row)
    return len(rows), written


async def _seal(tx: Transaction, keys: KeyRing, row: Row) -> int:
    document_id: UUID = row["id"]
    sealed = keys.seal(dumps(open_data(keys, row)).encode(), place_of(row["workspace_id"], document_id))
    values = {"document_id": document_id, "read": row["data"], "data": sealed.text, "key_id": sealed.key_id}
    return await tx.run(_SEAL, values)
