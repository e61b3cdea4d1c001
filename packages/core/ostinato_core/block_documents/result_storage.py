"""The block that results are stored in where a run names none."""

from typing import Final
from uuid import UUID

from ostinato_core.block_documents import repository
from ostinato_core.configuration import DEFAULT_RESULT_STORAGE, delete_value, read_value, write_value
from ostinato_core.errors import Invalid, NotFound
from ostinato_core.transaction import Transaction

WRITES: Final = "write-path"
"""The capability of a block that can store results."""


class ResultStorageNotFound(NotFound):
    """No block document has the id."""

    def __init__(self, document_id: UUID) -> None:
        super().__init__(f"Block document {document_id} not found.")


class NoResultStorage(Invalid):
    """The block cannot write."""

    def __init__(self, document_id: UUID) -> None:
        super().__init__(f"Block document {document_id} cannot be used for result storage.")


async def read_result_storage(tx: Transaction) -> UUID | None:
    """Return the id of the default block, or None."""
    value: str | None = await read_value(tx, DEFAULT_RESULT_STORAGE)
    if value is None or await repository.find(tx, UUID(value)) is None:
        return None
    return UUID(value)


async def write_result_storage(tx: Transaction, document_id: UUID) -> None:
    """Set the default block. Errors: ResultStorageNotFound; NoResultStorage for one that cannot write."""
    row = await repository.find(tx, document_id)
    if row is None:
        raise ResultStorageNotFound(document_id)
    if WRITES not in row["schema_capabilities"]:
        raise NoResultStorage(document_id)
    await write_value(tx, DEFAULT_RESULT_STORAGE, str(document_id))


async def clear_result_storage(tx: Transaction) -> None:
    """Let there be no default block."""
    await delete_value(tx, DEFAULT_RESULT_STORAGE)
