"""The defaults of a base job template's variables, checked against their own schema."""

from ostinato_core.block_documents.references import existing
from ostinato_core.job_variables import BlockNotFound, block_of, blocks_of, defaults_of
from ostinato_core.parameters.errors import InvalidSchema, ParametersInvalid
from ostinato_core.parameters.shapes import is_object
from ostinato_core.parameters.validation import validate_parameters
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools.errors import JobVariablesInvalid
from ostinato_wire.base import JsonObject


async def check_defaults(tx: Transaction, template: JsonObject) -> None:
    """Check a template as the wire takes it. Of a default that refers to a block, only whether there is such a block:
    its data may be secret. Errors: JobVariablesInvalid, BlockNotFound.
    """
    variables = template.get("variables")
    if not is_object(variables):
        return
    blocks = blocks_of(template)
    if await existing(tx, blocks) != blocks:
        raise BlockNotFound
    values = {name: default for name, default, _ in defaults_of(template) if block_of(default) is None}
    try:
        validate_parameters(values, variables, ignore_required=True, allow_none_with_default=True)
    except InvalidSchema as error:
        raise JobVariablesInvalid(f"Invalid schema: {error.why}") from error
    except ParametersInvalid as error:
        raise JobVariablesInvalid(
            f"Validation failed for work pool's job variable defaults: {error.message}"
        ) from error
