"""`Automation`: what a server does when a trigger fires. Triggers and actions are here, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from uuid import UUID

from ostinato.engine.drivers import adrive
from ostinato.engine.steps import Plan, Request
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
from ostinato.events.schemas.automations import (
    AutomationCore,
    CompoundTrigger,
    EventTrigger,
    Metric,
    MetricTrigger,
    MetricTriggerOperator,
    MetricTriggerQuery,
    Posture,
    PrefectMetric,
    SequenceTrigger,
    Trigger,
    TriggerTypes,
)
from ostinato.exceptions import ObjectNotFound
from ostinato.utilities.paired import run
from ostinato_wire.events import ResourceSpecification

if TYPE_CHECKING:
    from ostinato.events.schemas.automations import Automation as StoredAutomation

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
    "Digest",
    "DoNothing",
    "EventTrigger",
    "Metric",
    "MetricTrigger",
    "MetricTriggerOperator",
    "MetricTriggerQuery",
    "PauseAutomation",
    "PauseDeployment",
    "PauseWorkPool",
    "PauseWorkQueue",
    "Posture",
    "PrefectMetric",
    "QuietHours",
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
]


class Automation(AutomationCore):
    """An automation, to be made on a server or read from it. Every method has an `a` spelling for async code.

    ```python
    Automation(
        name="tell of failures",
        trigger=EventTrigger(expect={"prefect.flow-run.Failed"}),
        actions=[SendNotification(block_document_id=slack_id, body="{{ flow_run.name }} failed")],
    ).create()
    ```
    """

    id: UUID | None = None

    def create(self, *, _sync: bool = False) -> Self:
        """Make the automation on the server and return it, with its id."""
        return run(self._create(), sync=_sync)

    async def acreate(self) -> Self:
        """Do as `create`, in an event loop."""
        return await adrive(self._create())

    def update(self, *, _sync: bool = False) -> None:
        """Replace the automation on the server by this one. Raises ValueError without an id, ObjectNotFound."""
        return run(self._update(), sync=_sync)

    async def aupdate(self) -> None:
        """Do as `update`, in an event loop."""
        return await adrive(self._update())

    @classmethod
    def read(cls, id: UUID | str | None = None, name: str | None = None, *, _sync: bool = False) -> Self:
        """Return the automation of this id, or the one of this name.

        Raises ValueError if neither or both are given, if there is none, or if several have the name.
        """
        return run(cls._read(id, name), sync=_sync)

    @classmethod
    async def aread(cls, id: UUID | str | None = None, name: str | None = None) -> Self:
        """Do as `read`, in an event loop."""
        return await adrive(cls._read(id, name))

    def delete(self, *, _sync: bool = False) -> bool:
        """Delete the automation; return whether it was still there. Raises ValueError without an id."""
        return run(self._delete(), sync=_sync)

    async def adelete(self) -> bool:
        """Do as `delete`, in an event loop."""
        return await adrive(self._delete())

    def enable(self, *, _sync: bool = False) -> bool:
        """Let the automation answer to events; return whether it is there. Raises ValueError without an id."""
        return run(self._enable("resume_automation", enabled=True), sync=_sync)

    async def aenable(self) -> bool:
        """Do as `enable`, in an event loop."""
        return await adrive(self._enable("resume_automation", enabled=True))

    def disable(self, *, _sync: bool = False) -> bool:
        """Let the automation answer to nothing; return whether it is there. Raises ValueError without an id."""
        return run(self._enable("pause_automation", enabled=False), sync=_sync)

    async def adisable(self) -> bool:
        """Do as `disable`, in an event loop."""
        return await adrive(self._enable("pause_automation", enabled=False))

    def _core(self) -> AutomationCore:
        return AutomationCore(**{name: getattr(self, name) for name in AutomationCore.model_fields})

    def _own_id(self) -> UUID:
        if self.id is None:
            raise ValueError("The automation has no id: create it, or read it, first.")
        return self.id

    def _create(self) -> Plan[Self]:
        self.id = yield Request("create_automation", {"body": self._core()})
        return self

    def _update(self) -> Plan[None]:
        yield Request("update_automation", {"automation_id": self._own_id(), "body": self._core()})

    @classmethod
    def _read(cls, id_: UUID | str | None, name: str | None) -> Plan[Self]:
        if (id_ is None) == (name is None):
            raise ValueError("Give the id of the automation, or its name.")
        found: StoredAutomation | None
        if id_ is not None:
            found = yield Request("read_automation", {"automation_id": UUID(str(id_))})
        else:
            named: list[StoredAutomation] = yield Request("read_automations_by_name", {"name": name})
            if len(named) > 1:
                ids = ", ".join(str(one.id) for one in named)
                raise ValueError(f"Several automations are named {name!r}; read one by its id: {ids}.")
            found = named[0] if named else None
        if found is None:
            raise ValueError(f"There is no automation {id_ or name!r}.")
        return cls(**{member: getattr(found, member) for member in [*AutomationCore.model_fields, "id"]})

    def _delete(self) -> Plan[bool]:
        id_ = self._own_id()
        there: StoredAutomation | None = yield Request("read_automation", {"automation_id": id_})
        yield Request("delete_automation", {"automation_id": id_})
        return there is not None

    def _enable(self, method: str, *, enabled: bool) -> Plan[bool]:
        try:
            yield Request(method, {"automation_id": self._own_id()})
        except ObjectNotFound:
            return False
        self.enabled = enabled
        return True
