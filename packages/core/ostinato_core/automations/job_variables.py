"""The job variables of actions that run a deployment, checked before an automation is stored (section 19.1).

As the reference, only the actions proper are checked, not those on trigger or resolve, and each by itself: what the
deployment sets does not count.
"""

from collections.abc import Sequence

from ostinato_core.automations.errors import ActionDeploymentNotFound, ActionJobVariablesInvalid
from ostinato_core.deployments.job_variables import check_variables
from ostinato_core.deployments.places import places_of_deployments
from ostinato_core.job_variables import JobVariablesInvalid
from ostinato_core.transaction import Transaction
from ostinato_wire.actions import Action, RunDeployment


async def check_job_variables_of(tx: Transaction, actions: Sequence[Action]) -> None:
    """Check the job variables of all actions. Errors: ActionDeploymentNotFound, ActionJobVariablesInvalid,
    BlockNotFound.
    """
    asked = [
        (action.deployment_id, action.job_variables)
        for action in actions
        if isinstance(action, RunDeployment) and action.deployment_id is not None and action.job_variables
    ]
    if not asked:
        return
    places = await places_of_deployments(tx, [deployment_id for deployment_id, _ in asked])
    if any(deployment_id not in places for deployment_id, _ in asked):
        raise ActionDeploymentNotFound
    problems: list[str] = []
    for deployment_id, given in asked:
        try:
            await check_variables(tx, places[deployment_id], given)
        except JobVariablesInvalid as error:
            problems.append(error.message)
    if problems:
        raise ActionJobVariablesInvalid(problems)
