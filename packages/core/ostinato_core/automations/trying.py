"""Trying out an action that sends something: at once, without a firing or a delivery, and whatever the hour."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import orjson

from ostinato_core.automations import repository
from ostinato_core.automations.actions.context import Occasion
from ostinato_core.automations.actions.errors import ActionFailed
from ostinato_core.automations.actions.outgoing import Letter, load_block, write_letter
from ostinato_core.automations.actions.own import Job
from ostinato_core.automations.firing import Firing, TriggerState
from ostinato_core.automations.firing_json import firing_json
from ostinato_core.automations.operations import automation_json
from ostinato_core.encryption.key_ring import EncryptionFailed, KeyRing
from ostinato_core.errors import Invalid
from ostinato_core.events.queries import read_page
from ostinato_core.events.stored import StoredEvent
from ostinato_core.flow_runs.operations import read_flow_run
from ostinato_core.ids import new_id
from ostinato_core.outbound import Outbound
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction
from ostinato_wire.action_tests import ActionTest
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, EventFilter
from ostinato_wire.triggers import EventTrigger, Posture

_BEFORE: Final = timedelta(days=1)
"""How long before a run was made its events may be, by clocks that differ."""


class NoEventOfRun(Invalid):
    """The events of a run are deleted sooner than the run."""

    def __init__(self, run_id: UUID) -> None:
        super().__init__(f"No event of the flow run {run_id} is kept: choose a newer run, or none for a sample.")


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to be sent, or why it cannot be."""

    letter: Letter | None
    reason: str | None = None


async def prepare_trial(tx: Transaction, test: ActionTest, keys: KeyRing) -> Trial:
    """Return what an action would send. Errors: AutomationNotFound, FlowRunNotFound, NoEventOfRun."""
    job = await _job(tx, test)
    try:
        letter = await write_letter(tx, job, None)
    except ActionFailed as failure:
        return Trial(None, failure.reason)
    if not test.send:
        return Trial(letter)
    try:
        loaded = await load_block(tx, test.action, lambda: keys)
    except ActionFailed as failure:
        return Trial(letter, failure.details.get("detail") or failure.reason)
    except EncryptionFailed as error:
        return Trial(letter, error.message)
    return Trial(letter if loaded is None else letter.by(loaded.block))


async def carry_out(trial: Trial, outbound: Outbound, *, send: bool) -> JsonDict:
    """Send what was prepared, unless it cannot be or is only looked at, and return what became of it."""
    shown: JsonDict = {"subject": None, "body": None, "delivered": None, "reason": trial.reason, "details": {}}
    if trial.letter is not None:
        shown |= {"subject": trial.letter.subject, "body": trial.letter.body}
    if trial.letter is None or trial.reason is not None or not send:
        return shown
    outcome = await trial.letter.send(outbound, new_id())
    return {**shown, "delivered": outcome.delivered, "reason": outcome.reason, "details": outcome.details}


async def _job(tx: Transaction, test: ActionTest) -> Job:
    automation = _sample_automation(tx)
    if test.automation_id is not None:
        automation = automation_json(await repository.get(tx, test.automation_id))
    event = _sample_event(tx) if test.flow_run_id is None else await _newest_event(tx, test.flow_run_id)
    firing = Firing(UUID(str(automation["trigger"]["id"])), TriggerState.TRIGGERED, tx.now, event.resource, event)
    content: JsonDict = orjson.loads(orjson.dumps(firing_json(firing), option=orjson.OPT_UTC_Z))
    return Job(test.action, Occasion(automation, content, content["triggering_event"]), 0, new_id(), tx.now)


async def _newest_event(tx: Transaction, run_id: UUID) -> StoredEvent:
    run = await read_flow_run(tx, run_id)
    wanted = EventFilter.model_validate(
        {
            "resource": {"id": [f"prefect.flow-run.{run_id}"]},
            "occurred": {"since": run["created"] - _BEFORE, "until": tx.now + _BEFORE},
            "order": "DESC",
        }
    )
    found = await read_page(tx, wanted, 1)
    if not found:
        raise NoEventOfRun(run_id)
    return found[0]


def _sample_event(tx: Transaction) -> StoredEvent:
    return StoredEvent(
        cursor=(0, 0),
        id=new_id(),
        occurred=tx.now,
        received=tx.now,
        event="ostinato.test",
        resource={RESOURCE_ID: "ostinato.test", RESOURCE_NAME: "A test"},
        related=[],
        payload={},
        follows=None,
    )


def _sample_automation(tx: Transaction) -> JsonDict:
    trigger = EventTrigger(posture=Posture.REACTIVE, expect=["ostinato.test"])
    return {
        "id": new_id(),
        "created": tx.now,
        "updated": tx.now,
        "name": "A test",
        "description": "",
        "enabled": True,
        "tags": [],
        "trigger": trigger.model_dump(mode="json"),
        "actions": [],
        "actions_on_trigger": [],
        "actions_on_resolve": [],
    }
