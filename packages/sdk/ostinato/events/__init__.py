"""Events: tell the server what happened (`emit_event`), listen to it (`get_events_subscriber`), and answer to it.

The triggers and actions of automations are here, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostinato.events.actions import (
        Action,
        ActionTypes,
        Alerting,
        CallWebhook,
        CancelFlowRun,
        ChangeFlowRunState,
        DeclareIncident,
        DeleteFlowRun,
        Digest,
        DoNothing,
        PauseAutomation,
        PauseDeployment,
        PauseWorkPool,
        PauseWorkQueue,
        QuietHours,
        ResumeAutomation,
        ResumeDeployment,
        ResumeFlowRun,
        ResumeWorkPool,
        ResumeWorkQueue,
        RunDeployment,
        SendEmailNotification,
        SendNotification,
        SuspendFlowRun,
    )
    from ostinato.events.clients import EventsClient, EventsSubscriber, get_events_client, get_events_subscriber
    from ostinato.events.emit import emit_event
    from ostinato.events.schemas.automations import (
        Automation,
        AutomationCore,
        CompoundTrigger,
        EventTrigger,
        MetricTrigger,
        MetricTriggerOperator,
        MetricTriggerQuery,
        Posture,
        SequenceTrigger,
        Trigger,
        TriggerTypes,
    )
    from ostinato.events.schemas.deployment_triggers import (
        DeploymentCompoundTrigger,
        DeploymentEventTrigger,
        DeploymentMetricTrigger,
        DeploymentSequenceTrigger,
        DeploymentTriggerTypes,
    )
    from ostinato.events.schemas.events import (
        Event,
        ReceivedEvent,
        RelatedResource,
        Resource,
        ResourceSpecification,
    )

__all__ = [
    "Action",
    "ActionTypes",
    "Alerting",
    "Automation",
    "AutomationCore",
    "CallWebhook",
    "CancelFlowRun",
    "ChangeFlowRunState",
    "CompoundTrigger",
    "DeclareIncident",
    "DeleteFlowRun",
    "DeploymentCompoundTrigger",
    "DeploymentEventTrigger",
    "DeploymentMetricTrigger",
    "DeploymentSequenceTrigger",
    "DeploymentTriggerTypes",
    "Digest",
    "DoNothing",
    "Event",
    "EventTrigger",
    "EventsClient",
    "EventsSubscriber",
    "MetricTrigger",
    "MetricTriggerOperator",
    "MetricTriggerQuery",
    "PauseAutomation",
    "PauseDeployment",
    "PauseWorkPool",
    "PauseWorkQueue",
    "Posture",
    "QuietHours",
    "ReceivedEvent",
    "RelatedResource",
    "Resource",
    "ResourceSpecification",
    "ResumeAutomation",
    "ResumeDeployment",
    "ResumeFlowRun",
    "ResumeWorkPool",
    "ResumeWorkQueue",
    "RunDeployment",
    "SendEmailNotification",
    "SendNotification",
    "SequenceTrigger",
    "SuspendFlowRun",
    "Trigger",
    "TriggerTypes",
    "emit_event",
    "get_events_client",
    "get_events_subscriber",
]

_HOMES = (
    "ostinato.events.schemas.events",
    "ostinato.events.schemas.automations",
    "ostinato.events.schemas.deployment_triggers",
    "ostinato.events.actions",
)
_OTHERS = {
    "emit_event": "ostinato.events.emit",
    "EventsClient": "ostinato.events.clients",
    "EventsSubscriber": "ostinato.events.clients",
    "get_events_client": "ostinato.events.clients",
    "get_events_subscriber": "ostinato.events.clients",
}


def __getattr__(name: str) -> Any:  # Any: one of the names above; loaded when asked for, as they take long to import
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    if name in _OTHERS:
        return getattr(import_module(_OTHERS[name]), name)
    return next(vars(module)[name] for home in _HOMES if name in (module := import_module(home)).__all__)
