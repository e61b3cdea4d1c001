"""What automations do (behaviour.md, section 19.6). Their templates are checked by the server."""

import json
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, cast
from uuid import UUID

from pydantic import (
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    field_validator,
    model_serializer,
    model_validator,
)

from ostinato_wire.alerting import Alerting
from ostinato_wire.base import Json, JsonObject, WireModel
from ostinato_wire.mail_addresses import MailAddress
from ostinato_wire.states import StateType

MOST_ADDRESSES: Final = 100
"""To whom one mail goes, at most."""


class Source(StrEnum):
    """Whether an action names its object, or takes it from the event."""

    SELECTED = "selected"
    INFERRED = "inferred"


class TargetedAction(WireModel):
    """An action on one object: its id is required where it is selected, and not allowed where it is inferred."""

    target: ClassVar[str]
    """The member that names the object."""

    source: Source = Source.SELECTED

    @model_validator(mode="after")
    def _check_target(self) -> "TargetedAction":
        has_target = getattr(self, self.target) is not None
        if self.source is Source.SELECTED and not has_target:
            raise ValueError(f"{self.target} is required")
        if self.source is Source.INFERRED and has_target:
            raise ValueError(f"{self.target} is not allowed")
        return self


class _OnDeployment(TargetedAction):
    target: ClassVar = "deployment_id"
    deployment_id: UUID | None = None


class _OnWorkPool(TargetedAction):
    target: ClassVar = "work_pool_id"
    work_pool_id: UUID | None = None


class _OnWorkQueue(TargetedAction):
    target: ClassVar = "work_queue_id"
    work_queue_id: UUID | None = None


class _OnAutomation(TargetedAction):
    target: ClassVar = "automation_id"
    automation_id: UUID | None = None


class DoNothing(WireModel):
    """Nothing, but it is recorded."""

    type: Literal["do-nothing"] = "do-nothing"


class RunDeployment(_OnDeployment):
    """Make a run of a deployment; `schedule_after` in seconds."""

    type: Literal["run-deployment"] = "run-deployment"
    parameters: JsonObject | None = None
    job_variables: JsonObject | None = None
    schedule_after: timedelta = timedelta(0)

    @field_validator("schedule_after")
    @classmethod
    def _not_negative(cls, value: timedelta) -> timedelta:
        if value < timedelta(0):
            raise ValueError("schedule_after must be non-negative")
        return value


class PauseDeployment(_OnDeployment):
    """Pause a deployment."""

    type: Literal["pause-deployment"] = "pause-deployment"


class ResumeDeployment(_OnDeployment):
    """Resume a deployment."""

    type: Literal["resume-deployment"] = "resume-deployment"


class CancelFlowRun(WireModel):
    """Cancel the flow run of the event."""

    type: Literal["cancel-flow-run"] = "cancel-flow-run"


class DeleteFlowRun(WireModel):
    """Delete the flow run of the event."""

    type: Literal["delete-flow-run"] = "delete-flow-run"


class SuspendFlowRun(WireModel):
    """Suspend the flow run of the event."""

    type: Literal["suspend-flow-run"] = "suspend-flow-run"


class ResumeFlowRun(WireModel):
    """Resume the flow run of the event."""

    type: Literal["resume-flow-run"] = "resume-flow-run"


class ChangeFlowRunState(WireModel):
    """Propose a state for the flow run of the event."""

    type: Literal["change-flow-run-state"] = "change-flow-run-state"
    name: str | None = None
    state: StateType
    message: str | None = None
    force: bool = False


class PauseWorkPool(_OnWorkPool):
    """Pause a work pool."""

    type: Literal["pause-work-pool"] = "pause-work-pool"


class ResumeWorkPool(_OnWorkPool):
    """Resume a work pool."""

    type: Literal["resume-work-pool"] = "resume-work-pool"


class PauseWorkQueue(_OnWorkQueue):
    """Pause a work queue."""

    type: Literal["pause-work-queue"] = "pause-work-queue"


class ResumeWorkQueue(_OnWorkQueue):
    """Resume a work queue."""

    type: Literal["resume-work-queue"] = "resume-work-queue"


class PauseAutomation(_OnAutomation):
    """Disable an automation."""

    type: Literal["pause-automation"] = "pause-automation"


class ResumeAutomation(_OnAutomation):
    """Enable an automation."""

    type: Literal["resume-automation"] = "resume-automation"


class Notice(WireModel):
    """An action that tells people something; subject and body are templates.

    `alerting` is an extension of the wire: left out where nobody has set it, for clients that do not know it. Whoever
    replaces an automation and says nothing of it leaves it as it is; null removes it.
    """

    subject: str = "Prefect automated notification"
    body: str
    alerting: Alerting | None = None

    @model_serializer(mode="wrap")
    def _leave_out(self, handler: SerializerFunctionWrapHandler) -> JsonObject:
        members: JsonObject = handler(self)
        if "alerting" not in self.model_fields_set:
            del members["alerting"]
        return members


class SendNotification(Notice):
    """Send a notification through a block."""

    type: Literal["send-notification"] = "send-notification"
    block_document_id: UUID


class SendEmailNotification(Notice):
    """Send a mail to a list of addresses, by the mail server of the settings."""

    type: Literal["send-email-notification"] = "send-email-notification"
    emails: Annotated[list[MailAddress], Field(min_length=1, max_length=MOST_ADDRESSES)]


class CallWebhook(WireModel):
    """Call a webhook block; the payload is a template, and may be given as the JSON that it renders to."""

    type: Literal["call-webhook"] = "call-webhook"
    block_document_id: UUID
    payload: str = ""

    @field_validator("payload", mode="before")
    @classmethod
    def _as_text(cls, value: Json) -> Json:
        if value is None:
            return ""
        return json.dumps(value, indent=2) if isinstance(value, dict) else value


class DeclareIncident(WireModel):
    """Declare an incident, which is named after the automation."""

    type: Literal["declare-incident"] = "declare-incident"


def _kind(value: Json) -> str:
    """Return which action a value is; one without a type and without members does nothing."""
    if isinstance(value, dict):
        members = cast(JsonObject, value)
        return str(members.get("type", "missing" if members else "do-nothing"))
    return str(getattr(value, "type", "missing"))


Action: TypeAlias = Annotated[
    Annotated[DoNothing, Tag("do-nothing")]
    | Annotated[RunDeployment, Tag("run-deployment")]
    | Annotated[PauseDeployment, Tag("pause-deployment")]
    | Annotated[ResumeDeployment, Tag("resume-deployment")]
    | Annotated[CancelFlowRun, Tag("cancel-flow-run")]
    | Annotated[DeleteFlowRun, Tag("delete-flow-run")]
    | Annotated[ChangeFlowRunState, Tag("change-flow-run-state")]
    | Annotated[PauseWorkQueue, Tag("pause-work-queue")]
    | Annotated[ResumeWorkQueue, Tag("resume-work-queue")]
    | Annotated[SendNotification, Tag("send-notification")]
    | Annotated[SendEmailNotification, Tag("send-email-notification")]
    | Annotated[CallWebhook, Tag("call-webhook")]
    | Annotated[PauseAutomation, Tag("pause-automation")]
    | Annotated[ResumeAutomation, Tag("resume-automation")]
    | Annotated[SuspendFlowRun, Tag("suspend-flow-run")]
    | Annotated[ResumeFlowRun, Tag("resume-flow-run")]
    | Annotated[PauseWorkPool, Tag("pause-work-pool")]
    | Annotated[ResumeWorkPool, Tag("resume-work-pool")]
    | Annotated[DeclareIncident, Tag("declare-incident")],
    Discriminator(_kind),
]
