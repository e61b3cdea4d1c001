"""What the actions of a firing would do: rendered, with their targets, and nothing is written or sent."""

from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from ostinato_core.automations import repository
from ostinato_core.automations.actions.context import Occasion, check_exists
from ostinato_core.automations.actions.errors import ActionFailed, refused
from ostinato_core.automations.actions.outgoing import Outgoing, check_block, write_letter
from ostinato_core.automations.actions.own import Job, Target, find_target, rendered_parameters
from ostinato_core.automations.actions.targets import OnFlowRun
from ostinato_core.automations.deliveries.queue import asked_for
from ostinato_core.automations.errors import EventToExplainNotFound
from ostinato_core.automations.firing import Firing, TriggerState
from ostinato_core.automations.firing_json import firing_json
from ostinato_core.automations.firings import firing_event
from ostinato_core.automations.triggers import store
from ostinato_core.errors import NotFound
from ostinato_core.events.new_event import as_json
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.actions import Action, RunDeployment, TargetedAction
from ostinato_wire.automation_previews import AutomationPreviewRequest
from ostinato_wire.automations import AutomationUpdate
from ostinato_wire.events import RESOURCE_ID

_ACTION: Final[TypeAdapter[Any]] = TypeAdapter(Action)  # Any: one of the actions


@dataclass(slots=True)
class Preview:
    """What an action would do. `target` is the resource id of what it acts on, `rendered` what its templates make, by
    the names of its members; `reason` is why it would fail, as far as that can be known.
    """

    index: int
    type: str
    target: str | None = None
    rendered: JsonDict = field(default_factory=JsonDict)
    reason: str | None = None


async def preview_on_event(tx: Transaction, request: AutomationPreviewRequest) -> JsonDict:
    """Return what the actions of a draft would do if it fired by a stored event (`AutomationPreview`).

    Errors: EventToExplainNotFound.
    """
    event = await store.find_event(tx, request.event_id)
    if event is None:
        raise EventToExplainNotFound(request.event_id)
    draft = draft_row(tx, request.automation)
    firing = Firing(UUID(draft["trigger"]["id"]), TriggerState(request.state), tx.now, event.resource, event)
    return {"event": event.content(), "actions": [asdict(each) for each in await preview(tx, draft, firing)]}


def draft_row(tx: Transaction, draft: AutomationUpdate) -> Row:
    """Return a draft as its row would be."""
    members: JsonDict = draft.model_dump(mode="json")
    return {**members, "id": new_id(), "created": tx.now, "updated": tx.now, "workspace_id": tx.workspace_id}


async def preview(tx: Transaction, automation: Row, firing: Firing) -> list[Preview]:
    """Return what the actions of a firing would do. The automation may be a draft, if it has all members and an id.

    Objects are read as they are now, which may differ from how they were when the event occurred.
    """
    stored: JsonDict = orjson.loads(orjson.dumps(firing_json(firing), option=orjson.OPT_UTC_Z))
    event = as_json(firing_event(automation, firing), received=tx.now)
    previews: list[Preview] = []
    for index, action, on_state in asked_for(automation, firing.state):
        occasion = Occasion(dict(automation), stored, event if on_state else stored["triggering_event"])
        job = Job(_ACTION.validate_python(action), occasion, index, new_id(), firing.triggered)
        previews.append(await _preview(tx, job))
    return previews


async def _preview(tx: Transaction, job: Job) -> Preview:
    made = Preview(job.index, job.action.type)
    try:
        target = await find_target(tx, job)
        if target is not None:
            made.target = target.resource[RESOURCE_ID]
            await _check_target(tx, job, target)
        if isinstance(job.action, RunDeployment):
            made.rendered["parameters"] = await rendered_parameters(tx, job)
        elif isinstance(job.action, Outgoing):
            await check_block(tx, job.action)
            letter = await write_letter(tx, job, None)
            made.rendered = (
                {"payload": letter.body} if letter.subject is None else {"subject": letter.subject, "body": letter.body}
            )
    except ActionFailed as failure:
        made.reason = failure.reason
    return made


async def _check_target(tx: Transaction, job: Job, target: Target) -> None:
    action = job.action
    noun = "flow_run" if isinstance(action, OnFlowRun) else _noun_of(action)
    try:
        if noun == "automation":
            await repository.get(tx, target.id)
        else:
            await check_exists(tx, noun, target.id)
    except NotFound as error:
        raise refused(action.type, error) from error


def _noun_of(action: TargetedAction) -> str:
    return action.target.removesuffix("_id")
