"""Makes automations that await several events and tell of them by blocks, and emits what lets each fire once.

Arguments: the address of somebody who is called. Prints the id of each automation as `ID <id>`.
"""

import sys
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from prefect.automations import Automation
from prefect.blocks.notifications import MattermostWebhook
from prefect.blocks.webhook import Webhook
from prefect.events import actions as act
from prefect.events import emit_event
from prefect.events.schemas.automations import CompoundTrigger, EventTrigger, Posture, SequenceTrigger
from prefect.events.worker import EventsWorker

WITHIN = timedelta(seconds=60)


def main(url: str) -> None:
    """Make them and let them fire."""
    address = urlsplit(url)
    chat = MattermostWebhook(hostname=str(address.hostname), port=address.port or 80, token="t0k3n")
    chat_id = chat.save(f"chat-{uuid4()}")
    webhook = Webhook(url=f"{url}/webhook", headers={"X-Shop": "greengrocer"}).save(f"webhook-{uuid4()}")
    tell = act.SendNotification(
        block_document_id=chat_id,
        subject="{{ automation.name }}",
        body="{{ automation.name }}: {{ event.event }} of {{ event.resource.id }}",
    )
    call = act.CallWebhook(block_document_id=webhook, payload='{"by": "{{ automation.name }}", "id": "{{ event.id }}"}')
    _make("all", CompoundTrigger(require="all", within=WITHIN, triggers=_each("placed", "paid")), tell)
    _make("two", CompoundTrigger(require=2, within=WITHIN, triggers=_each("rain", "hail", "snow")), tell)
    _make("any", CompoundTrigger(require="any", within=WITHIN, triggers=_each("fire", "flood")), call)
    _make("sequence", SequenceTrigger(within=WITHIN, triggers=_each("opened", "closed")), call)
    _make("never", SequenceTrigger(within=WITHIN, triggers=_each("paid", "placed")), call)
    for name in ["placed", "paid", "snow", "rain", "flood", "closed", "opened", "closed"]:
        emit_event(name, resource={"prefect.resource.id": "the.shop"})
    EventsWorker.instance().drain()


def _each(*names: str) -> list[EventTrigger]:
    return [EventTrigger(expect={name}, posture=Posture.Reactive, threshold=1) for name in names]


def _make(
    name: str, trigger: CompoundTrigger | SequenceTrigger, action: act.SendNotification | act.CallWebhook
) -> None:
    made = Automation(name=name, trigger=trigger, actions=[action]).create()
    print("ID", made.id)


main(sys.argv[1])
