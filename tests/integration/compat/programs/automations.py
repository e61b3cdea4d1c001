"""Makes an automation of every kind of action, and lets it fire. Prints the automation's id as `ID <id>`.

Arguments: the address of somebody who is called.
"""

import sys
from uuid import UUID, uuid4

from prefect import flow
from prefect.automations import Automation
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.events import actions as act
from prefect.events import emit_event
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.worker import EventsWorker
from prefect.states import Running


@flow
def target() -> None:
    """Is run by an automation."""


def main(url: str) -> None:
    """Make it and let it fire."""
    name = f"every-action-{uuid4()}"
    with get_client(sync_client=True) as client:
        pool = client.create_work_pool(WorkPoolCreate(name=name, type="process"))
        queue = client.create_work_queue(name="q", work_pool_name=name)
        flow_id = client.create_flow(target)
        deployment_id = client.create_deployment(flow_id, name, work_pool_name=name)
        run = client.create_flow_run_from_deployment(deployment_id, state=Running())
    webhook = Webhook(url=f"{url}/webhook")
    chat = CustomWebhookNotificationBlock(name="chat", url=f"{url}/chat", json_data={"text": "{{body}}"})
    webhook_id = webhook.save(f"w-{uuid4()}")
    chat_id = chat.save(f"c-{uuid4()}")
    other = Automation(name=f"{name}-other", trigger=_trigger("never"), actions=[act.DoNothing()]).create()
    made = Automation(
        name=name,
        trigger=_trigger(name),
        actions=[
            act.DoNothing(),
            act.RunDeployment(deployment_id=deployment_id, parameters={}, job_variables={}),
            act.PauseDeployment(deployment_id=deployment_id),
            act.ResumeDeployment(source="inferred"),
            act.PauseWorkPool(work_pool_id=pool.id),
            act.ResumeWorkPool(source="inferred"),
            act.PauseWorkQueue(work_queue_id=queue.id),
            act.ResumeWorkQueue(source="inferred"),
            act.PauseAutomation(automation_id=UUID(str(other.id))),
            act.ResumeAutomation(source="inferred"),
            act.SuspendFlowRun(),
            act.ResumeFlowRun(),
            act.ChangeFlowRunState(state="RUNNING", force=True),
            act.CancelFlowRun(),
            act.DeleteFlowRun(),
            act.CallWebhook(block_document_id=webhook_id, payload="{{ event.event }}"),
            act.SendNotification(block_document_id=chat_id, subject="s", body="{{ event.event }}"),
        ],
    ).create()
    related = [
        ("deployment", deployment_id),
        ("work-pool", pool.id),
        ("work-queue", queue.id),
        ("automation", other.id),
    ]
    emit_event(
        name,
        resource={"prefect.resource.id": f"prefect.flow-run.{run.id}"},
        related=[
            {"prefect.resource.id": f"prefect.{kind}.{id_}", "prefect.resource.role": kind} for kind, id_ in related
        ],
    )
    EventsWorker.instance().drain()
    print("ID", made.id)


def _trigger(expected: str) -> EventTrigger:
    return EventTrigger(expect={expected}, posture=Posture.Reactive, threshold=1)


main(sys.argv[1])
