"""Triggers and actions of automations in words, for tables."""

from datetime import timedelta

from pydantic import BaseModel

from ostinato.events.schemas.automations import (
    AutomationCore,
    CompoundTrigger,
    EventTrigger,
    MetricTrigger,
    SequenceTrigger,
    Trigger,
)
from ostinato_wire.actions import SendEmailNotification
from ostinato_wire.events import ResourceSpecification
from ostinato_wire.triggers import Posture

_ID_MEMBERS = ("deployment_id", "work_pool_id", "work_queue_id", "automation_id", "block_document_id")


def of_trigger(trigger: Trigger) -> str:
    """Return what a trigger waits for."""
    match trigger:
        case EventTrigger():
            return _of_event(trigger)
        case CompoundTrigger():
            amount = {"any": "any", "all": "all"}.get(str(trigger.require), f"{trigger.require}")
            return _joined(f"{amount} of", trigger)
        case SequenceTrigger():
            return _joined("in this order", trigger)
        case MetricTrigger(metric=metric):
            compared = f"{metric.name} {metric.operator} {metric.threshold:g}"
            return f"{compared} for {metric.firing_for.total_seconds():g} s{_resources(trigger.match)}"


def _joined(head: str, trigger: CompoundTrigger | SequenceTrigger) -> str:
    parts = "; ".join(of_trigger(part) for part in trigger.triggers)
    return f"{head}{_within(trigger.within)}: {parts}"


def _of_event(trigger: EventTrigger) -> str:
    times = "" if trigger.threshold == 1 else f"{trigger.threshold} times "
    names = " or ".join(trigger.expect) or "any event"
    of = _resources(trigger.match)
    head = f"{times}{names}{of}"
    if trigger.posture is Posture.REACTIVE:
        after = f" after {' or '.join(trigger.after)}" if trigger.after else ""
        return f"{head}{after}{_within(trigger.within)}"
    after = f" after {' or '.join(trigger.after)}" if trigger.after else ""
    return f"no {head}{after}{_within(trigger.within)}"


def _resources(match: ResourceSpecification) -> str:
    texts = [" or ".join(value) if isinstance(value, list) else value for value in match.values()]
    return f" of {', '.join(texts)}" if texts else ""


def _within(span: timedelta | None) -> str:
    return f" within {span.total_seconds():g} s" if span else ""


def of_actions(automation: AutomationCore) -> list[str]:
    """Return what an automation does, a line for each action; those of one occasion name it."""
    occasions = (
        ("", automation.actions),
        ("(trigger) ", automation.actions_on_trigger),
        ("(resolve) ", automation.actions_on_resolve),
    )
    return [f"{prefix}{_of_action(action)}" for prefix, actions in occasions for action in actions]


def _of_action(action: BaseModel) -> str:
    words = str(getattr(action, "type", "")).replace("-", " ")
    target = next((value for name in _ID_MEMBERS if (value := getattr(action, name, None))), None)
    if target is not None:
        return f"{words} {target}"
    if isinstance(action, SendEmailNotification):
        return f"{words} to {', '.join(action.emails)}"
    state = getattr(action, "state", None)
    return f"{words} to {state}" if state else words
