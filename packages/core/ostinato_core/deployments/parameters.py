"""The parameters and job variables of deployments and of their runs: filled in, and checked."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from ostinato_core.db.tables import block_documents, variables
from ostinato_core.deployments.places import Place
from ostinato_core.job_variables import blocks_of, check_job_variables
from ostinato_core.parameters.hydration import KIND, HydrationContext, hydrate
from ostinato_core.parameters.shapes import is_array, is_object
from ostinato_core.transaction import Transaction
from ostinato_wire.base import Json, JsonObject


async def hydrated(tx: Transaction, parameters: JsonObject) -> JsonObject:
    """Return parameters with what they refer to filled in. Errors: HydrationError."""
    names = set(_variable_names(parameters))
    known: dict[str, Json] = {}
    if names:
        mine = (tx.dialect.is_one_of(variables.c.name, sorted(names)), variables.c.workspace_id == tx.workspace_id)
        rows = await tx.rows(select(variables.c.name, variables.c.value).where(*mine))
        known = {row["name"]: row["value"] for row in rows}
    return hydrate(parameters, HydrationContext(variables=known))


async def check_variables(
    tx: Transaction, place: Place | None, *layers: JsonObject, ignore_required: bool = False
) -> None:
    """Check job variables against the template of the work pool, if there is one.

    Errors: JobVariablesInvalid, BlockNotFound.
    """
    if place is None:
        return
    asked = sorted(blocks_of(place.template))
    known: set[UUID] = set()
    if asked:
        mine = tx.dialect.is_one_of(block_documents.c.id, asked), block_documents.c.workspace_id == tx.workspace_id
        known = {row["id"] for row in await tx.rows(select(block_documents.c.id).where(*mine))}
    check_job_variables(place.template, *layers, ignore_required=ignore_required, blocks=known)


def _variable_names(value: Json) -> Iterator[str]:
    """Yield every name of a variable that a value may refer to."""
    waiting: list[tuple[Json, bool]] = [(value, False)]
    while waiting:
        part, is_name = waiting.pop()
        if isinstance(part, str) and is_name:
            yield part
        elif is_object(part):
            refers = part.get(KIND) == "workspace_variable"
            waiting.extend((each, is_name or (refers and key == "variable_name")) for key, each in part.items())
        elif is_array(part):
            waiting.extend((each, is_name) for each in part)
