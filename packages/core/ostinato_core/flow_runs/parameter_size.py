"""How large the parameters of a flow run may be."""

from ostinato_core.db.types import encoded
from ostinato_core.flow_runs.errors import ParametersTooLarge
from ostinato_wire.base import JsonObject


def check_parameter_size(parameters: JsonObject, most: int) -> None:
    """Check the size as JSON; `most` in bytes, 0 for any. Errors: ParametersTooLarge, NotStorable."""
    size = len(encoded(parameters)) if most else 0
    if size > most:
        raise ParametersTooLarge(most, size)
