"""What automations can do. `source="selected"` names its object, `"inferred"` takes it from the event."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, cast

from pydantic import Discriminator, Tag

from ostinato_wire.actions import Action as WireAction
from ostinato_wire.actions import (
    CallWebhook,
    CancelFlowRun,
    ChangeFlowRunState,
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
    SendNotification,
    SuspendFlowRun,
)
from ostinato_wire.base import Json, JsonObject, WireModel

__all__ = [
    "Action",
    "ActionTypes",
    "CallWebhook",
    "CancelFlowRun",
    "ChangeFlowRunState",
    "DeclareIncident",
    "DeleteFlowRun",
    "DoNothing",
    "PauseAutomation",
    "PauseDeployment",
    "PauseWorkPool",
    "PauseWorkQueue",
    "ResumeAutomation",
    "ResumeDeployment",
    "ResumeFlowRun",
    "ResumeWorkPool",
    "ResumeWorkQueue",
    "RunDeployment",
    "SendNotification",
    "SuspendFlowRun",
]


class DeclareIncident(WireModel):
    """Declare an incident; servers that keep none of these refuse it."""

    type: Literal["declare-incident"] = "declare-incident"


def _kind(value: Json | Action) -> str:
    type_: object = cast("JsonObject", value).get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return "incident" if type_ == "declare-incident" else "other"


Action: TypeAlias = WireAction | DeclareIncident
ActionTypes: TypeAlias = Annotated[
    Annotated[WireAction, Tag("other")] | Annotated[DeclareIncident, Tag("incident")], Discriminator(_kind)
]
