"""What the server keeps for itself by name: JSON values, one for each name."""

from typing import Any, Final

from sqlalchemy import bindparam, delete, select

from ostinato_core.db.prepared import prepare
from ostinato_core.db.tables import configuration
from ostinato_core.ids import new_id
from ostinato_core.transaction import Transaction

ENCRYPTION_KEY: Final = "encryption-key"
"""The id of the key that seals new secrets."""
BLOCK_CATALOGUE: Final = "block-catalogue"
"""The digest of the block types that were registered last."""
DEFAULT_RESULT_STORAGE: Final = "default-result-storage"
"""The id of the block that results are stored in where a run names none."""
MAINTENANCE: Final = "maintenance"
"""What clients are told while there is maintenance."""

_ENTRY = configuration.c
_NAMED = (_ENTRY.name == bindparam("name"), _ENTRY.workspace_id == bindparam("workspace_id"))
_READ = prepare(select(_ENTRY.value).where(*_NAMED))
_DELETE = prepare(delete(configuration).where(*_NAMED))


async def read_value(tx: Transaction, name: str) -> Any:  # Any: any JSON value
    """Return the value of a name, or None."""
    return await tx.value(_READ, {"name": name, "workspace_id": tx.workspace_id})


async def write_value(tx: Transaction, name: str, value: Any) -> None:  # Any: any JSON value but null
    """Set the value of a name."""
    insert = _insert(tx, name, value)
    await tx.run(
        insert.on_conflict_do_update(
            index_elements=["workspace_id", "name"], set_={"value": insert.excluded.value, "updated": tx.now}
        )
    )


async def claim_value(tx: Transaction, name: str, value: Any) -> Any:  # Any: any JSON value but null
    """Set the value of a name that has none; return the one that it has then."""
    await tx.run(_insert(tx, name, value).on_conflict_do_nothing(index_elements=["workspace_id", "name"]))
    return await read_value(tx, name)


async def delete_value(tx: Transaction, name: str) -> None:
    """Forget the value of a name."""
    await tx.run(_DELETE, {"name": name, "workspace_id": tx.workspace_id})


def _insert(tx: Transaction, name: str, value: Any) -> Any:  # Any: a JSON value; an INSERT of the dialect
    row = {"id": new_id(), "workspace_id": tx.workspace_id, "created": tx.now, "updated": tx.now}
    return tx.dialect.insert(configuration).values(**row, name=name, value=value)
