"""Trying out an action that sends something, or only its templates. An extension of the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato_wire.actions import CallWebhook, SendEmailNotification, SendNotification
from ostinato_wire.base import JsonObject, WireModel


class ActionTest(WireModel):
    """Body of `POST /automations/actions/test`. Templates see the automation, if one is named, and the newest event of
    the flow run, else samples. With `send=False` nothing is sent.
    """

    action: Annotated[SendNotification | SendEmailNotification | CallWebhook, Field(discriminator="type")]
    automation_id: UUID | None = None
    flow_run_id: UUID | None = None
    send: bool = True


class ActionTestResult(WireModel):
    """What was sent, or would have been: `subject` is null for webhooks, `delivered` where nothing was sent.

    `reason` is why it was not delivered; `details` are of what the receiver answered.
    """

    subject: str | None
    body: str | None
    delivered: bool | None
    reason: str | None
    details: JsonObject
