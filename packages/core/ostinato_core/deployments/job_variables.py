"""The job variables of deployments and of their runs, checked against the template of their work pool."""

from ostinato_core.block_documents.references import existing
from ostinato_core.deployments.places import Place
from ostinato_core.job_variables import blocks_of, check_job_variables
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction


async def check_variables(
    tx: Transaction, place: Place | None, *layers: JsonDict, ignore_required: bool = False
) -> None:
    """Check job variables against the template of the work pool, if there is one.

    Errors: JobVariablesInvalid, BlockNotFound.
    """
    if place is not None:
        known = await existing(tx, blocks_of(place.template))
        check_job_variables(place.template, *layers, ignore_required=ignore_required, blocks=known)
