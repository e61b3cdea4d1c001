"""Values that refer to variables of the workspace: which they name, and what those stand for."""

from collections.abc import Iterator

from ostinato_core.parameters.hydration import KIND, HydrationContext, hydrate
from ostinato_core.parameters.shapes import is_array, is_object
from ostinato_core.transaction import Transaction
from ostinato_core.variables import repository
from ostinato_wire.base import Json, JsonObject


async def hydrated(tx: Transaction, values: JsonObject) -> JsonObject:
    """Return values with what they refer to filled in. Errors: HydrationError."""
    return hydrate(values, await context_of(tx, values))


async def context_of(tx: Transaction, values: Json) -> HydrationContext:
    """Return the variables that values refer to, as far as there are such."""
    names = sorted(set(_names(values)))
    return HydrationContext(variables=await repository.values_of(tx, names) if names else {})


def _names(value: Json) -> Iterator[str]:
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
