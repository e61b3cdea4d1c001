"""Automations: what is done when a trigger fires."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field, model_validator

from ostinato_wire.actions import Action, RunDeployment, Source
from ostinato_wire.base import Changes, UtcTime, WireModel
from ostinato_wire.events import RESOURCE_ID, ResourceSpecification
from ostinato_wire.filters import AnyId, AnyOrAllTags, AnyText, OperatorFilter
from ostinato_wire.queries import Slice
from ostinato_wire.triggers import EventTrigger, Posture, Trigger

RUN_STARTS = frozenset(f"prefect.flow-run.{state}" for state in ("Scheduled", "Pending", "Running", "*"))
"""Events that every run of a deployment brings about: an automation that runs one on them may feed itself."""
_ANY_RUN = {RESOURCE_ID: "prefect.flow-run.*"}


class AutomationUpdate(WireModel):
    """Body of `PUT /automations/{id}`: replaces the automation."""

    name: str
    description: str = ""
    enabled: bool = True
    tags: list[str] = Field(default_factory=list[str])
    trigger: Trigger
    actions: list[Action]
    actions_on_trigger: list[Action] = Field(default_factory=list[Action])
    actions_on_resolve: list[Action] = Field(default_factory=list[Action])

    @model_validator(mode="after")
    def _refuse_loops(self) -> "AutomationUpdate":
        if self.enabled and isinstance(self.trigger, EventTrigger) and _answers_to_run_starts(self.trigger):
            for action in self.all_actions():
                if isinstance(action, RunDeployment):
                    _check_loop(self.trigger, action)
        return self

    def all_actions(self) -> list[Action]:
        """Return the actions of all occasions."""
        return [*self.actions, *self.actions_on_trigger, *self.actions_on_resolve]


def _answers_to_run_starts(trigger: EventTrigger) -> bool:
    return trigger.posture is Posture.REACTIVE and not RUN_STARTS.isdisjoint(trigger.expect)


def _check_loop(trigger: EventTrigger, action: RunDeployment) -> None:
    if action.source is Source.INFERRED:
        raise ValueError(
            "Running an inferred deployment on a state change of a flow run makes an endless loop of flow runs. "
            "Select a deployment, and narrow `match` or `match_related` of the trigger."
        )
    if _is_unrestricted(trigger.match) and any(map(_is_unrestricted, trigger.related())):
        raise ValueError(
            "Running a selected deployment on a state change of any flow run may make an endless loop of flow runs. "
            "Narrow `match` or `match_related` of the trigger, so that runs of the selected deployment are left out."
        )


def _is_unrestricted(specification: ResourceSpecification) -> bool:
    return not specification or specification == _ANY_RUN or specification == {RESOURCE_ID: [_ANY_RUN[RESOURCE_ID]]}


class AutomationCreate(AutomationUpdate):
    """Body of `POST /automations/`; with the resource that owns it goes the automation."""

    owner_resource: str | None = None


class AutomationPartialUpdate(Changes):
    """Body of `PATCH /automations/{id}`."""

    enabled: bool = True


class Automation(WireModel):
    """A stored automation; times within it are in seconds."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    name: str
    description: str = ""
    enabled: bool = True
    tags: list[str] = Field(default_factory=list[str])
    trigger: Trigger
    actions: list[Action]
    actions_on_trigger: list[Action] = Field(default_factory=list[Action])
    actions_on_resolve: list[Action] = Field(default_factory=list[Action])


class CreatedFilter(WireModel):
    """Made until then."""

    before_: UtcTime | None = None


class AutomationFilter(OperatorFilter):
    """Which automations. `about`: those that an object owns, or whose triggers or actions name it; an extension."""

    id: AnyId | None = None
    name: AnyText | None = None
    created: CreatedFilter | None = None
    tags: AnyOrAllTags | None = None
    about: AnyId | None = None


class AutomationSort(StrEnum):
    """Orders of a list of automations."""

    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"


class AutomationsWhere(WireModel):
    """Body of `POST /automations/count`."""

    automations: AutomationFilter | None = None


class AutomationsQuery(AutomationsWhere, Slice):
    """Body of `POST /automations/filter`."""

    sort: AutomationSort = AutomationSort.NAME_ASC
