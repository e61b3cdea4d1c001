"""Triggers that run the deployment which they are given to: `flow.deploy(triggers=[DeploymentEventTrigger(...)])`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Discriminator, Tag

from ostinato.events.actions import RunDeployment
from ostinato.events.schemas.automations import (
    AutomationCore,
    CompoundTrigger,
    EventTrigger,
    MetricTrigger,
    SequenceTrigger,
    kind_of,
)
from ostinato_wire.base import JsonObject

__all__ = [
    "DeploymentCompoundTrigger",
    "DeploymentEventTrigger",
    "DeploymentMetricTrigger",
    "DeploymentSequenceTrigger",
    "DeploymentTriggerTypes",
]


class DeploymentTrigger(BaseModel):
    """What a trigger of a deployment has beside the trigger: its automation's name, and what the run is given."""

    name: str | None = None
    description: str = ""
    enabled: bool = True
    parameters: JsonObject | None = None
    job_variables: JsonObject | None = None
    schedule_after: timedelta = timedelta(0)

    def as_automation(self, deployment_id: UUID, name: str | None = None) -> AutomationCore:
        """Return the automation that runs a deployment when this fires; it is the deployment's own.

        `name` is for a trigger that has none.
        """
        run = RunDeployment(
            deployment_id=deployment_id,
            parameters=self.parameters,
            job_variables=self.job_variables,
            schedule_after=self.schedule_after,
        )
        trigger: dict[str, Any] = self.model_dump(  # Any: members of many types
            exclude=set(DeploymentTrigger.model_fields)
        )
        return AutomationCore.model_validate(
            {
                "name": self.name or name or f"Automation for deployment {deployment_id}",
                "description": self.description,
                "enabled": self.enabled,
                "trigger": trigger,
                "actions": [run],
                "owner_resource": f"prefect.deployment.{deployment_id}",
            }
        )


class DeploymentEventTrigger(DeploymentTrigger, EventTrigger):
    """Run the deployment at so many events within a time, or fewer."""


class DeploymentCompoundTrigger(DeploymentTrigger, CompoundTrigger):
    """Run the deployment when some or all of several triggers fired within a time."""


class DeploymentSequenceTrigger(DeploymentTrigger, SequenceTrigger):
    """Run the deployment when several triggers fired one after another within a time."""


class DeploymentMetricTrigger(DeploymentTrigger, MetricTrigger):
    """Run the deployment on a metric of runs."""


DeploymentTriggerTypes: TypeAlias = Annotated[
    Annotated[DeploymentEventTrigger, Tag("event")]
    | Annotated[DeploymentCompoundTrigger, Tag("compound")]
    | Annotated[DeploymentSequenceTrigger, Tag("sequence")]
    | Annotated[DeploymentMetricTrigger, Tag("metric")],
    Discriminator(kind_of),
]
