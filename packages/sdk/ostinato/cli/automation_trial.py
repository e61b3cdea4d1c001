"""`ostinato automation send-test`: what an action sends is tried out."""

from typing import Annotated
from uuid import UUID

from ostinato.cli import completing, output, runs
from ostinato.cli.connection import expecting, parse_id, server
from ostinato.cli.params import argument, option
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.events.schemas.automations import Automation
from ostinato_wire.action_tests import ActionTest, ActionTestResult
from ostinato_wire.actions import CallWebhook, SendEmailNotification, SendNotification
from ostinato_wire.webhook_blocks import SLUG as WEBHOOK

Sending = SendNotification | SendEmailNotification | CallWebhook

SUBJECT = "Test of {{ automation.name }}"
BODY = "This is a test: it has arrived."


def send_test(
    name: Annotated[
        str | None, argument(help="Name of the automation.", autocompletion=completing.named("Automation"))
    ] = None,
    automation_id: Annotated[str | None, option("--id", help="Id of the automation.")] = None,
    number: Annotated[int, option("--action", min=1, help="Which of its actions that send something.")] = 1,
    block: Annotated[str | None, option("--block", help="Instead of an automation: a block, as type/name.")] = None,
    to: Annotated[list[str] | None, option("--to", help="Instead: a mail address; may be given again.")] = None,
    subject: Annotated[str | None, option("--subject", help="The subject, a template.")] = None,
    body: Annotated[str | None, option("--body", help="The body, or the payload of a webhook; a template.")] = None,
    flow_run: Annotated[str | None, option("--flow-run", help="Id of a run that templates see.")] = None,
    preview: Annotated[bool, option("--preview", help="Show what would be sent, and send nothing.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """Send what an action sends, as a test, whatever the hour; or only show it."""
    ways = sum(given is not None for given in (name or automation_id, block, to or None))
    if ways != 1:
        output.fail("Give one of: the name of an automation or its --id; --block; --to.")
    run_id = None if flow_run is None else parse_id("Flow run", flow_run)
    with server() as client, output.checked():
        of_automation: UUID | None = None
        if block is not None:
            action = _of_block(client, block)
        elif to:
            action = SendEmailNotification(emails=to, subject=SUBJECT, body=BODY)
        else:
            automation = _find(client, name, automation_id)
            of_automation, action = automation.id, _chosen(automation, number)
        test = ActionTest(
            action=_changed(action, subject, body), automation_id=of_automation, flow_run_id=run_id, send=not preview
        )
        with expecting("Flow run", flow_run):
            result = client.test_action(test)
    _show(result, preview, as_json)


def _find(client: SyncOstinatoClient, name: str | None, automation_id: str | None) -> Automation:
    from ostinato.cli.automation import find

    found = find(client, name, automation_id)
    if len(found) > 1:
        output.fail(f"Several automations are named '{name}'; give --id.")
    return found[0]


def _chosen(automation: Automation, number: int) -> Sending:
    actions = [*automation.actions, *automation.actions_on_trigger, *automation.actions_on_resolve]
    sending = [action for action in actions if isinstance(action, Sending)]
    if len(sending) < number:
        output.fail(f"Automation '{automation.name}' has {len(sending)} action(s) that send something.")
    return sending[number - 1]


def _of_block(client: SyncOstinatoClient, reference: str) -> Sending:
    from ostinato.cli.block import find_document

    document = find_document(client, reference, None)
    if document.block_type is not None and document.block_type.slug == WEBHOOK:
        return CallWebhook(block_document_id=document.id, payload='{"test": true}')
    return SendNotification(block_document_id=document.id, subject=SUBJECT, body=BODY)


def _changed(action: Sending, subject: str | None, body: str | None) -> Sending:
    """Return the action with what was given in place of its own templates."""
    if isinstance(action, CallWebhook):
        return action if body is None else action.model_copy(update={"payload": body})
    changes = {"subject": subject, "body": body}
    return action.model_copy(update={name: text for name, text in changes.items() if text is not None})


def _show(result: ActionTestResult, preview: bool, as_json: str | None) -> None:
    if as_json:
        output.print_json(runs.json_of(result))
    elif result.body is not None:
        if result.subject is not None:
            output.say(f"Subject: {result.subject}")
        output.say(result.body)
    if result.reason is not None:
        output.fail(f"Not delivered: {result.reason}" if not preview else f"It cannot be sent: {result.reason}")
    if not preview and not as_json:
        output.succeed("Delivered.")
