"""What becomes of a request to a webhook: an event, once, or a record of why there is none."""

from dataclasses import dataclass
from typing import Any, Final

from ostinato_core.clock import utc_now
from ostinato_core.encryption.key_ring import KeyRing
from ostinato_core.errors import Invalid
from ostinato_core.events.log import LogEntry, append
from ostinato_core.events.outbox import record
from ostinato_core.parameters.shapes import is_array, is_object
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Database, Operation, Transaction
from ostinato_core.webhooks import repository
from ostinato_core.webhooks.errors import NothingListens, RequestRefused
from ostinato_core.webhooks.rendering import RESOURCE_KIND, entry_of, render, resource_of
from ostinato_core.webhooks.requests import Headers, HookRequest
from ostinato_core.webhooks.secrets import open_secrets
from ostinato_core.webhooks.signatures import Delivery, Windows, verified
from ostinato_wire.webhooks import WebhookSignature, WebhookTrial, WebhookTrialResult

FAILED: Final = f"{RESOURCE_KIND}.failed"
SHOWN: Final = 10_000
"""Characters of what a template has rendered that the event of a failure repeats."""
EVENT_GRID: Final = "Microsoft.EventGrid.SubscriptionValidationEvent"


@dataclass(frozen=True, slots=True)
class Receiver:
    """What is needed to receive. `maximum_size` is of an event, in bytes."""

    database: Database
    keys: KeyRing
    windows: Windows
    maximum_size: int

    async def find(self, slug: str) -> Row:
        """Return the webhook that a slug leads to. Errors: NothingListens."""
        webhook = await self.database.lookup(lambda tx: repository.find_by_slug(tx, slug))
        if webhook is None:
            raise NothingListens
        return webhook

    async def receive(self, webhook: Row, request: HookRequest) -> JsonDict | None:
        """Record the event that a request is, unless it was received before.

        Returns what the sender wants to read, if this is a question whether it may send at all. Errors:
        RequestRefused, after the event `prefect-cloud.webhook.failed` was recorded.
        """
        try:
            delivery = self._verified(webhook, request)
            if (answer := subscription_answer(request)) is not None:
                return answer
            rendered, event = render(webhook["template"], request, self.maximum_size)
            entry = entry_of(event, webhook, rendered, self.maximum_size)
            await self._store(webhook, delivery, entry, rendered)
        except RequestRefused as refused:
            await self._tell(webhook, request, refused)
            raise
        return None

    def _verified(self, webhook: Row, request: HookRequest) -> Delivery | None:
        known = open_secrets(self.keys, webhook)
        if known is None:
            return None
        secrets = [known.current]
        if known.old is not None and webhook["old_expires"] is not None and webhook["old_expires"] > utc_now():
            secrets.append(known.old)
        return verified(WebhookSignature(webhook["signature"]), secrets, request.headers, request.raw, self.windows)

    async def _tell(self, webhook: Row, request: HookRequest, refused: RequestRefused) -> None:
        await self._write(webhook, lambda tx: _record_failure(tx, webhook, request, refused))

    async def _store(self, webhook: Row, delivery: Delivery | None, entry: LogEntry, rendered: str) -> None:
        try:
            await self._write(webhook, lambda tx: _record(tx, webhook, delivery, entry))
        except Invalid as error:  # a label that no index takes, or a time that no column does
            raise RequestRefused(error.message, rendered) from error

    async def _write(self, webhook: Row, operation: Operation[None]) -> None:
        # The request itself names no workspace.
        await self.database.write(operation, workspace_id=webhook["workspace_id"])


async def _record(tx: Transaction, webhook: Row, delivery: Delivery | None, entry: LogEntry) -> None:
    """Record the event and that it was received, or neither."""
    if delivery is None or await repository.mark(tx, webhook["id"], delivery.name, delivery.expires):
        await append(tx, [entry])


async def _record_failure(tx: Transaction, webhook: Row, request: HookRequest, refused: RequestRefused) -> None:
    rendered = None if refused.rendered is None else refused.rendered[:SHOWN]
    payload = {"reason": refused.message, "method": request.method, "rendered": rendered}
    await record(tx, {"event": FAILED, "resource": resource_of(webhook), "payload": payload})


def subscription_answer(request: HookRequest) -> JsonDict | None:
    """Return what Azure Event Grid must read before it sends events; None for any other request."""
    if request.headers.get("aeg-event-type", "").lower() != "subscriptionvalidation":
        return None
    body: Any = request.body()  # Any: any JSON value
    first: Any = body[0] if is_array(body) and body else body
    data: Any = first.get("data") if is_object(first) and first.get("eventType") == EVENT_GRID else None
    code: Any = data.get("validationCode") if is_object(data) else None
    if not isinstance(code, str):
        raise RequestRefused(f"The request is no {EVENT_GRID}: it has no validationCode.")
    return {"validationResponse": code}


def try_out(trial: WebhookTrial, maximum_size: int) -> WebhookTrialResult:
    """Return what a template makes of a request, without recording anything; the webhook is not among its related."""
    request = HookRequest(trial.method, Headers(trial.headers.items()), trial.body.encode())
    try:
        rendered, event = render(trial.template, request, maximum_size)
        entry_of(event, {"id": "", "name": ""}, rendered, maximum_size)
    except RequestRefused as refused:
        return WebhookTrialResult(rendered=refused.rendered, event=None, error=refused.message)
    return WebhookTrialResult(rendered=rendered, event=event, error=None)
