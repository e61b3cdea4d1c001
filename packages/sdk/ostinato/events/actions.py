"""What automations can do. `source="selected"` names its object, `"inferred"` takes it from the event."""

from __future__ import annotations

from typing import TypeAlias

from ostinato_wire.actions import (
    Action,
    CallWebhook,
    CancelFlowRun,
    ChangeFlowRunState,
    DeclareIncident,
    DeleteFlowRun,
    DoNothing,
    PauseAutomation,
    PauseDeployment,
    PauseWorkPool,
    PauseWorkQueue,
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
from ostinato_wire.alerting import Alerting, Digest, QuietHours

__all__ = [
    "Action",
    "ActionTypes",
    "Alerting",
    "CallWebhook",
    "CancelFlowRun",
    "ChangeFlowRunState",
    "DeclareIncident",
    "DeleteFlowRun",
    "Digest",
    "DoNothing",
    "PauseAutomation",
    "PauseDeployment",
    "PauseWorkPool",
    "PauseWorkQueue",
    "QuietHours",
    "ResumeAutomation",
    "ResumeDeployment",
    "ResumeFlowRun",
    "ResumeWorkPool",
    "ResumeWorkQueue",
    "RunDeployment",
    "SendEmailNotification",
    "SendNotification",
    "SuspendFlowRun",
]

ActionTypes: TypeAlias = Action
