"""The check at start that the keys are those of the database: a wrong one is found before a secret is asked for."""

from sqlalchemy import select, union

from ostinato_core.configuration import ENCRYPTION_KEY, claim_value, read_value
from ostinato_core.encryption.key_ring import EncryptionKeyMissing, KeyRing
from ostinato_core.encryption.sealed_columns import ALL
from ostinato_core.transaction import Database, Transaction

_USED = union(*(select(each.table.c.key_id).where(each.table.c.key_id.is_not(None)) for each in ALL))


async def check_key_ring(database: Database, keys: KeyRing) -> None:
    """Let the database remember the key on first use; later refuse a ring that cannot open all that is stored.

    Errors: EncryptionKeyMissing, which says what to do.
    """
    known = await database.lookup(lambda tx: read_value(tx, ENCRYPTION_KEY))
    if known is None:
        known = await database.write(lambda tx: claim_value(tx, ENCRYPTION_KEY, keys.primary))
    used = await database.read(_used_keys)
    for key_id in (known, *used):
        if key_id not in keys.ids:
            raise EncryptionKeyMissing(key_id, keys.ids)


async def _used_keys(tx: Transaction) -> list[str]:
    return [row["key_id"] for row in await tx.rows(_USED)]
