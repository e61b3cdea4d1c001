"""All SQL about block schemas. Each is read with its block type."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, select

from ostinato_core.block_schemas.rows import COLUMNS
from ostinato_core.db.prepared import prepare, prepare_insert_or_ignore
from ostinato_core.db.tables import block_schemas, block_types
from ostinato_core.filters.criteria import Condition
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction

_SCHEMA, _TYPE = block_schemas.c, block_types.c
_OWN = _SCHEMA.workspace_id == bindparam("workspace_id")


def _select() -> Select[Any]:  # Any: columns of many types
    return select(*COLUMNS).join_from(block_schemas, block_types, _TYPE.id == _SCHEMA.block_type_id)


_BY_ID = prepare(_select().where(_SCHEMA.id == bindparam("id"), _OWN))
_NEWEST = _select().where(_SCHEMA.checksum == bindparam("checksum"), _OWN).order_by(_SCHEMA.id.desc()).limit(1)
_BY_CHECKSUM = prepare(_NEWEST)
_BY_VERSION = prepare(_NEWEST.where(_SCHEMA.version == bindparam("version")))
_INSERT = prepare_insert_or_ignore(block_schemas, "workspace_id", "checksum", "version")
_DELETE = prepare(delete(block_schemas).where(_SCHEMA.id == bindparam("id"), _OWN))
_CAPABILITIES = prepare(select(_SCHEMA.capabilities).where(_OWN).distinct())


async def find(tx: Transaction, schema_id: UUID) -> Row | None:
    """Return the block schema, or None."""
    return await tx.first(_BY_ID, {"id": schema_id, "workspace_id": tx.workspace_id})


async def find_by_checksum(tx: Transaction, checksum: str, version: str | None = None) -> Row | None:
    """Return the newest schema of a checksum, or None; only of a version if one is given."""
    keys = {"checksum": checksum, "workspace_id": tx.workspace_id}
    if version is None:
        return await tx.first(_BY_CHECKSUM, keys)
    return await tx.first(_BY_VERSION, {**keys, "version": version})


async def insert(tx: Transaction, row: JsonDict) -> bool:
    """Insert a schema; return False where its checksum and version exist."""
    return await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id}) == 1


async def select_where(tx: Transaction, condition: Condition, limit: int, offset: int) -> Sequence[Row]:
    """Return the schemas that match, the newest first."""
    statement = _select().where(condition).order_by(_SCHEMA.created.desc(), _SCHEMA.id.desc())
    return await tx.rows(statement.limit(limit).offset(offset))


async def remove(tx: Transaction, schema_id: UUID) -> int:
    """Delete a schema with its documents; return how many schemas were deleted."""
    return await tx.run(_DELETE, {"id": schema_id, "workspace_id": tx.workspace_id})


async def all_capabilities(tx: Transaction) -> list[str]:
    """Return each capability of a schema once, in order."""
    rows = await tx.rows(_CAPABILITIES, {"workspace_id": tx.workspace_id})
    return sorted({capability for row in rows for capability in row["capabilities"]})
