"""Sealing everything with the first key of the ring: in batches, while the server runs."""

from typing import Final

from sqlalchemy import select, update

from ostinato_core.configuration import ENCRYPTION_KEY, write_value
from ostinato_core.encryption.key_ring import KeyRing, Sealed
from ostinato_core.encryption.sealed_columns import ALL, SealedColumn
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Database, Transaction

BATCH: Final = 200
"""Rows that are sealed in one transaction."""


async def rotate_keys(database: Database, keys: KeyRing) -> int:
    """Seal every secret with the first key of the ring; return how many were sealed anew.

    Safe to stop and run again, and while others write: a row that was changed meanwhile is met again. The other
    keys may be dropped from every server's ring afterwards, once each server seals with the first one.

    Errors: EncryptionKeyMissing where a secret's key is not in the ring; SealBroken. Nothing is lost then.
    """
    # First, so that a server that starts now must know the key.
    await database.write(lambda tx: write_value(tx, ENCRYPTION_KEY, keys.primary))
    return sum([await _rotate(database, keys, column) for column in ALL])


async def _rotate(database: Database, keys: KeyRing, column: SealedColumn) -> int:
    sealed = 0
    while True:
        found, written = await database.write(lambda tx: _seal_batch(tx, keys, column))
        sealed += written
        if not found:
            return sealed


async def _seal_batch(tx: Transaction, keys: KeyRing, column: SealedColumn) -> tuple[int, int]:
    stored = column.table.c
    # In order of id, from one batch to the next: what others write meanwhile is not met twice.
    old = (
        select(stored.id, stored.workspace_id, stored[column.column].label("sealed"), stored.key_id)
        .where(stored.key_id != keys.primary)
        .order_by(stored.id)
        .limit(BATCH)
    )
    rows = await tx.rows(old)
    written = 0
    for row in rows:
        written += await _seal(tx, keys, column, row)
    return len(rows), written


async def _seal(tx: Transaction, keys: KeyRing, column: SealedColumn, row: Row) -> int:
    place = column.place_of(row["workspace_id"], row["id"])
    sealed = keys.seal(keys.open(Sealed(row["sealed"], row["key_id"]), place), place)
    stored = column.table.c
    statement = (
        update(column.table)
        .where(stored.id == row["id"], stored[column.column] == row["sealed"])
        .values({column.column: sealed.text, "key_id": sealed.key_id})
    )
    return await tx.run(statement)
