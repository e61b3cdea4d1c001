"""Back-tests: what a draft of an automation would have done by the events that are stored."""

from uuid import UUID

from pydantic import Field

from ostinato_wire.automations import AutomationUpdate
from ostinato_wire.base import JsonObject, UtcTime, WireModel
from ostinato_wire.events import EventFilter, ReceivedEvent


class BacktestRequest(WireModel):
    """Body of `POST /automations/backtest`. Without `since` the last day; without `until` up to now.

    `events` narrows the events that the draft gets to see; its times do not count. `event_id`: explain this one.
    """

    automation: AutomationUpdate
    since: UtcTime | None = None
    until: UtcTime | None = None
    events: EventFilter | None = None
    event_id: UUID | None = None


class BacktestAction(WireModel):
    """What an action would have done; `reason` is why it would have failed, as far as that can be known."""

    index: int
    type: str
    target: str | None = None
    rendered: JsonObject = Field(default_factory=dict)
    reason: str | None = None


class BacktestFiring(WireModel):
    """A firing of the draft; objects that its actions name are read as they are now."""

    triggered: UtcTime
    triggering_labels: dict[str, str] = Field(default_factory=dict)
    triggering_event: ReceivedEvent | None = None
    actions: list[BacktestAction] = Field(default_factory=list[BacktestAction])


class TriggerExplanation(WireModel):
    """Whether one event trigger of the draft fired by an event, and why or why not."""

    trigger_id: UUID
    fired: bool
    reasons: list[str]


class EventExplanation(WireModel):
    """The same of all event triggers; `fired` is whether the automation did."""

    event: ReceivedEvent
    fired: bool
    triggers: list[TriggerExplanation]


class Backtest(WireModel):
    """Answer to `POST /automations/backtest`. `events` counts those that the draft's triggers expect.

    `fired` counts all firings; of the first of them `firings` tells more. Where it is not complete there were too many
    events or firings, and all is as of `until`.
    """

    since: UtcTime
    until: UtcTime
    events: int
    fired: int
    is_complete: bool
    firings: list[BacktestFiring]
    explanation: EventExplanation | None = None
