"""Which events, and which automations: for subscribers and lists."""

from ostinato_wire.automations import AutomationFilter, CreatedFilter
from ostinato_wire.events import (
    EventAnyResourceFilter,
    EventFilter,
    EventIdFilter,
    EventNameFilter,
    EventOccurredFilter,
    EventOrder,
    EventRelatedFilter,
    EventResourceFilter,
)
from ostinato_wire.filters import AnyOrAllTags, AnyText, TextSearch

AutomationFilterCreated = CreatedFilter
AutomationFilterName = AnyText
AutomationFilterTags = AnyOrAllTags
EventIDFilter = EventIdFilter
EventTextFilter = TextSearch

__all__ = [
    "AutomationFilter",
    "AutomationFilterCreated",
    "AutomationFilterName",
    "AutomationFilterTags",
    "EventAnyResourceFilter",
    "EventFilter",
    "EventIDFilter",
    "EventNameFilter",
    "EventOccurredFilter",
    "EventOrder",
    "EventRelatedFilter",
    "EventResourceFilter",
    "EventTextFilter",
]
