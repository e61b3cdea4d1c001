"""Automations in code, on a real server: made, read, changed, switched off and on, deleted; sync and async."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid4

from ostinato import get_client
from ostinato.automations import (
    Automation,
    CancelFlowRun,
    CompoundTrigger,
    DoNothing,
    EventTrigger,
    MetricTrigger,
    Posture,
    RunDeployment,
    SequenceTrigger,
)

pytestmark = pytest.mark.usefixtures("project")


def unique(word: str) -> str:
    return f"{word}-{uuid4()}"


def failures() -> EventTrigger:
    return EventTrigger(
        match={"prefect.resource.id": "prefect.flow-run.*"},
        expect=["prefect.flow-run.Failed"],
        for_each=["prefect.resource.id"],
        threshold=2,
        within=timedelta(seconds=60),
    )


def test_an_automation_is_made_read_by_id_and_by_name() -> None:
    name = unique("tell")
    made = Automation(name=name, description="d", tags=["a"], trigger=failures(), actions=[CancelFlowRun()]).create()

    assert made.id is not None
    for found in (Automation.read(id=made.id), Automation.read(name=name)):
        assert (found.id, found.name, found.description, found.tags) == (made.id, name, "d", ["a"])
        assert isinstance(found.trigger, EventTrigger)
        assert found.trigger.within == timedelta(seconds=60)
        assert found.trigger.expect == ["prefect.flow-run.Failed"]
        assert found.actions == [CancelFlowRun()]


def test_triggers_may_be_combined() -> None:
    calm = EventTrigger(expect=["b"], posture=Posture.PROACTIVE)
    trigger = CompoundTrigger(triggers=[failures(), SequenceTrigger(triggers=[failures(), calm])], require="all")
    made = Automation(name=unique("both"), trigger=trigger, actions=[DoNothing()]).create()

    found = Automation.read(id=made.id).trigger
    assert isinstance(found, CompoundTrigger)
    inner = found.triggers[1]
    assert isinstance(inner, SequenceTrigger)
    assert isinstance(inner.triggers[1], EventTrigger)
    assert inner.triggers[1].within == timedelta(seconds=10)


def test_an_automation_is_changed_switched_and_deleted() -> None:
    made = Automation(name=unique("x"), trigger=failures(), actions=[DoNothing()]).create()
    assert made.disable()
    assert not Automation.read(id=made.id).enabled
    assert made.enable()
    made.description, made.actions = "new", [RunDeployment(deployment_id=(target := uuid4()))]
    made.update()

    found = Automation.read(id=made.id)
    assert found.description == "new"
    assert found.enabled
    assert [action.deployment_id for action in found.actions if isinstance(action, RunDeployment)] == [target]
    assert made.delete()
    assert not made.delete()
    assert not made.enable()
    with pytest.raises(ValueError, match="no automation"):
        Automation.read(id=made.id)


async def test_async_code_has_the_same_methods() -> None:
    name = unique("later")
    made = await Automation(name=name, trigger=failures(), actions=[DoNothing()]).acreate()
    assert (await Automation.aread(name=name)).id == made.id
    made.name = unique("renamed")
    await made.aupdate()
    assert (await Automation.aread(id=made.id)).name == made.name
    assert await made.adisable()
    assert await made.aenable()
    assert await made.adelete()


def test_a_name_that_several_have_is_no_answer() -> None:
    name = unique("twice")
    for _ in range(2):
        Automation(name=name, trigger=failures(), actions=[DoNothing()]).create()
    with pytest.raises(ValueError, match="Several automations"):
        Automation.read(name=name)
    with get_client(sync_client=True) as client:
        assert len(client.read_automations_by_name(name)) == 2
        with pytest.raises(ValueError, match="Several automations"):
            client.find_automation(name)
        one = client.read_automations_by_name(name)[0]
        assert (found := client.find_automation(str(one.id))) is not None
        assert found.id == one.id
        assert client.find_automation(unique("nobody")) is None


def test_what_is_not_stored_cannot_be_changed() -> None:
    automation = Automation(name="x", trigger=failures(), actions=[DoNothing()])
    for act in (automation.update, automation.delete, automation.enable, automation.disable):
        with pytest.raises(ValueError, match="has no id"):
            act()
    with pytest.raises(ValueError, match="Give the id"):
        Automation.read()


def test_a_metric_trigger_is_kept_as_it_is_given() -> None:
    trigger = MetricTrigger.model_validate({"metric": {"name": "successes", "threshold": 0.9, "operator": "<"}})
    made = Automation(name=unique("metric"), trigger=trigger, actions=[DoNothing()]).create()
    found = Automation.read(id=made.id).trigger
    assert isinstance(found, MetricTrigger)
    assert (found.metric, found.match) == (trigger.metric, trigger.match)


def test_automations_of_a_deployment_are_found_and_go_with_it() -> None:
    deployment_id = uuid4()
    owner = f"prefect.deployment.{deployment_id}"
    run = RunDeployment(deployment_id=deployment_id)
    trigger = EventTrigger(expect=["order.placed"])
    made = Automation(name=unique("own"), trigger=trigger, actions=[run], owner_resource=owner).create()
    with get_client(sync_client=True) as client:
        related: list[UUID] = [found.id for found in client.read_resource_related_automations(owner)]
        assert related == [made.id]
        client.delete_resource_owned_automations(owner)
        assert made.id is not None
        assert client.read_automation(made.id) is None
