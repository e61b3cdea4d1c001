"""Events and triggers as flows make and read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import ValidationError

import ostinato.events
from ostinato.events import (
    Automation,
    DeclareIncident,
    DeploymentCompoundTrigger,
    DeploymentEventTrigger,
    DeploymentMetricTrigger,
    DeploymentSequenceTrigger,
    Event,
    EventTrigger,
    MetricTrigger,
    Posture,
    RelatedResource,
    Resource,
    RunDeployment,
    SequenceTrigger,
)
from ostinato.events.schemas.automations import AutomationCore

RUN_ID = uuid4()
RUN = {"prefect.resource.id": f"prefect.flow-run.{RUN_ID}", "prefect.resource.name": "r"}
FLOW = {"prefect.resource.id": "prefect.flow.1", "prefect.resource.role": "flow", "x": "1"}


@pytest.mark.parametrize("name", ostinato.events.__all__)
def test_every_name_can_be_had(name: str) -> None:
    assert getattr(ostinato.events, name) is not None


def test_an_event_is_of_now_and_has_an_id() -> None:
    event = Event.model_validate({"event": "e", "resource": RUN})
    assert abs(datetime.now(UTC) - event.occurred) < timedelta(minutes=5)
    assert event.id != Event.model_validate({"event": "e", "resource": RUN}).id


def test_its_resources_are_read_by_role_and_label() -> None:
    event = Event.model_validate({"event": "e", "resource": RUN, "related": [FLOW, {**FLOW, "x": "2"}]})
    assert event.resource == Resource(RUN)
    assert (event.resource.id, event.resource.name) == (RUN["prefect.resource.id"], "r")
    assert event.resource.object_id("prefect.flow-run") == RUN_ID
    assert [resource["x"] for resource in event.resources_in_role["flow"]] == ["1", "2"]
    assert event.resource_in_role["flow"].get("x") == "1"
    assert event.related[0].role == "flow"
    assert event.related[0].has_all_labels({"x": "1"})
    assert len(event.involved_resources) == 3
    assert event.find_resource_label("prefect.resource.name") == "r"
    assert event.find_resource_label("flow:x") == "1"
    assert event.find_resource_label("task:x") is None
    assert 100 < event.size_bytes < 1000
    with pytest.raises(ValueError, match=r"is no prefect\.deployment"):
        event.resource.object_id("prefect.deployment")


def test_resources_need_their_labels() -> None:
    with pytest.raises(ValidationError, match=r"prefect\.resource\.id"):
        Resource({"a": "b"})
    with pytest.raises(ValidationError, match=r"prefect\.resource\.role"):
        RelatedResource({"prefect.resource.id": "b"})


def test_an_event_goes_to_the_wire_as_plain_json() -> None:
    event = Event.model_validate({"event": "e", "resource": RUN, "related": [FLOW]})
    told = event.model_dump(mode="json")
    assert told["resource"] == RUN
    assert told["related"] == [FLOW]


def test_what_a_trigger_is_follows_from_its_members() -> None:
    core = {"name": "n", "actions": [{"type": "declare-incident"}]}
    metric = {"name": "lateness", "threshold": 60, "operator": ">"}
    kinds = {
        EventTrigger: {"expect": ["a"]},
        SequenceTrigger: {"triggers": [{"expect": ["a"]}, {"posture": "Metric", "metric": metric}]},
        MetricTrigger: {"posture": "Metric", "metric": metric},
    }
    for kind, members in kinds.items():
        made = AutomationCore.model_validate({**core, "trigger": members})
        assert type(made.trigger) is kind
        assert made.actions == [DeclareIncident()]


def test_a_trigger_is_reactive_unless_told_otherwise() -> None:
    assert EventTrigger(expect=["a"]).posture is Posture.REACTIVE is Posture.Reactive
    with pytest.raises(ValidationError, match="10 seconds"):
        EventTrigger(posture=Posture.PROACTIVE, within=timedelta(seconds=5))


def test_a_trigger_of_a_deployment_makes_its_automation() -> None:
    deployment_id = uuid4()
    trigger = DeploymentEventTrigger(expect=["a"], parameters={"x": 1}, schedule_after=timedelta(minutes=1))
    made = trigger.as_automation(deployment_id, name="d__automation_1")
    assert made.name == "d__automation_1"
    assert made.owner_resource == f"prefect.deployment.{deployment_id}"
    assert isinstance(made.trigger, EventTrigger)
    assert made.trigger.expect == ["a"]
    run = RunDeployment(
        deployment_id=deployment_id, parameters={"x": 1}, schedule_after=timedelta(minutes=1), job_variables=None
    )
    assert made.actions == [run]
    assert Automation.model_validate({**made.model_dump(), "id": uuid4()}).trigger == made.trigger


def test_every_kind_of_trigger_can_be_a_deployments() -> None:
    metric = {"name": "lateness", "threshold": 60, "operator": ">"}
    triggers = [
        DeploymentCompoundTrigger(name="own", triggers=[EventTrigger()], require="any"),
        DeploymentSequenceTrigger(name="own", triggers=[EventTrigger(), EventTrigger()]),
        DeploymentMetricTrigger.model_validate({"name": "own", "metric": metric}),
    ]
    for trigger in triggers:
        made = trigger.as_automation(uuid4(), name="other")
        assert made.name == "own"
        assert made.trigger.type == trigger.type
