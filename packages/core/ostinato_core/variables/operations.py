"""What can be done with variables."""

from uuid import UUID

from ostinato_core.events.outbox import NewEvent, record
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.variables import repository
from ostinato_core.variables.errors import VariableExists
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME
from ostinato_wire.variables import VariableCreate, VariablesQuery, VariablesWhere, VariableUpdate


async def create_variable(tx: Transaction, given: VariableCreate) -> JsonDict:
    """Make a variable. Errors: VariableExists."""
    row: JsonDict = {
        "id": new_id(),
        "created": tx.now,
        "updated": tx.now,
        "name": given.name,
        "value": given.value,
        "tags": given.tags,
    }
    if not await repository.insert(tx, row):
        raise VariableExists(given.name)
    await record(tx, _event("created", row))
    return row


async def read_variable(tx: Transaction, key: UUID | str) -> JsonDict:
    """Return the variable of an id or a name. Errors: VariableNotFound."""
    return dict(await repository.get(tx, key))


async def read_variables(tx: Transaction, query: VariablesQuery, limit: int) -> list[JsonDict]:
    """Return variables that match, at most `limit`."""
    rows = await repository.select_where(tx, query.variables, query.sort, limit, query.offset)
    return [dict(row) for row in rows]


async def count_variables(tx: Transaction, where: VariablesWhere) -> int:
    """Return how many variables match."""
    return await repository.count_where(tx, where.variables)


async def update_variable(tx: Transaction, key: UUID | str, update: VariableUpdate) -> None:
    """Write the members that are present. Errors: VariableNotFound; IntegrityConflict for a name that is taken."""
    row = await repository.write(tx, key, update.model_dump(exclude_unset=True))
    await record(tx, _event("updated", row))


async def delete_variable(tx: Transaction, key: UUID | str) -> None:
    """Delete a variable. Errors: VariableNotFound."""
    await record(tx, _event("deleted", await repository.remove(tx, key)))


def _event(change: str, row: Row) -> NewEvent:
    return {
        "event": f"prefect.variable.{change}",
        "resource": {RESOURCE_ID: f"prefect.variable.{row['id']}", RESOURCE_NAME: row["name"]},
        "payload": {"name": row["name"], "value": row["value"], "tags": row["tags"]},
    }
