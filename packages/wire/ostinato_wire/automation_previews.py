"""Previews: what the actions of a draft of an automation would do if it fired by an event. An extension of the wire."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from ostinato_wire.automations import AutomationUpdate
from ostinato_wire.backtests import BacktestAction
from ostinato_wire.base import WireModel
from ostinato_wire.events import ReceivedEvent


class AutomationPreviewRequest(WireModel):
    """Body of `POST /automations/preview`. Whether the draft's trigger expects the event does not count.

    `state`: show the actions of its firing, or those of its end.
    """

    automation: AutomationUpdate
    event_id: UUID
    state: Literal["Triggered", "Resolved"] = "Triggered"


class AutomationPreview(WireModel):
    """The event, and what each action would do; objects that actions name are read as they are now."""

    event: ReceivedEvent
    actions: list[BacktestAction] = Field(default_factory=list[BacktestAction])
