"""Triggers that are given to deployments: automations of the server that run them, go with them and are replaced."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from ostinato import get_client
from ostinato.automations import EventTrigger, Posture, RunDeployment, SequenceTrigger
from ostinato.deployments import adeploy
from ostinato.events import (
    Automation,
    DeploymentCompoundTrigger,
    DeploymentEventTrigger,
    DeploymentSequenceTrigger,
)
from ostinato.events.schemas.automations import CompoundTrigger, Trigger
from ostinato.exceptions import DeploymentApplyError
from ostinato.flows import Flow
from ostinato.runner import Runner
from tests.integration.sdk.conftest import Project
from tests.support.cli import Cli

ARRIVED = DeploymentEventTrigger(
    name="arrived",
    description="A file came.",
    match={"prefect.resource.id": "file.*"},
    match_related=[{"prefect.resource.role": "bucket"}],
    expect={"file.arrived"},  # a set, as flows of the reference write it
    for_each={"prefect.resource.id"},
    threshold=2,
    within=timedelta(minutes=5),
    parameters={"a": "{{ event.resource.id }}"},
    job_variables={"env": {"X": "y"}},
    schedule_after=timedelta(seconds=30),
)
SILENT: dict[str, Any] = {"posture": "Proactive", "expect": ["file.arrived"], "within": 600, "enabled": False}


async def owned(deployment_id: UUID) -> list[Automation]:
    """Return the automations of a deployment in the order of their names."""
    async with get_client() as client:
        found = await client.read_resource_related_automations(f"prefect.deployment.{deployment_id}")
    return sorted(found, key=lambda automation: automation.name)


@pytest.fixture
def name() -> str:
    return f"d-{uuid4().hex[:8]}"


async def test_objects_and_mappings_become_automations_that_are_replaced(project: Project, name: str) -> None:
    add = await Flow.afrom_source(project.folder, "flows.py:add")
    made = await add.to_deployment(name, triggers=[ARRIVED, SILENT]).aapply()

    arrived, silent = await owned(made)
    assert (arrived.name, arrived.description, arrived.enabled) == ("arrived", "A file came.", True)
    assert isinstance(arrived.trigger, EventTrigger)
    assert ARRIVED.model_dump(include=set(EventTrigger.model_fields), exclude={"id"}) == arrived.trigger.model_dump(
        exclude={"id"}
    )
    assert arrived.actions == [
        RunDeployment(
            deployment_id=made,
            parameters={"a": "{{ event.resource.id }}"},
            job_variables={"env": {"X": "y"}},
            schedule_after=timedelta(seconds=30),
        )
    ]
    assert (silent.name, silent.enabled) == (f"{name}__automation_2", False)
    assert isinstance(silent.trigger, EventTrigger)
    assert (silent.trigger.posture, silent.trigger.within) == (Posture.PROACTIVE, timedelta(minutes=10))

    await add.to_deployment(name, triggers=[{"expect": ["other"]}]).aapply()
    (other,) = await owned(made)
    assert isinstance(other.trigger, EventTrigger)
    assert other.trigger.expect == ["other"]
    assert other.trigger.posture is Posture.REACTIVE

    await add.to_deployment(name).aapply()
    assert await owned(made) == []


async def test_triggers_within_triggers(project: Project, name: str) -> None:
    add = await Flow.afrom_source(project.folder, "flows.py:add")
    parts: list[Trigger] = [
        EventTrigger(expect=["a"]),
        SequenceTrigger(triggers=[EventTrigger(expect=["b"]), EventTrigger()]),
    ]
    both = DeploymentCompoundTrigger(name="1", require="all", within=timedelta(hours=1), triggers=parts)
    then = DeploymentSequenceTrigger(name="2", triggers=parts)
    made = await add.to_deployment(name, triggers=[both, then]).aapply()

    first, second = await owned(made)
    assert isinstance(first.trigger, CompoundTrigger)
    assert (first.trigger.require, first.trigger.within) == ("all", timedelta(hours=1))
    assert isinstance(second.trigger, SequenceTrigger)
    for trigger in (first.trigger, second.trigger):
        event, sequence = trigger.triggers
        assert isinstance(event, EventTrigger)
        assert event.expect == ["a"]
        assert isinstance(sequence, SequenceTrigger)
        assert len(sequence.triggers) == 2


async def test_all_ways_to_deploy_take_them(project: Project, cli: Cli, name: str) -> None:
    pool = f"pool-{name}"
    cli.ok("work-pool", "create", pool, "--type", "process")
    add = await Flow.afrom_source(project.folder, "flows.py:add")
    named = await add.adeploy(f"{name}-1", work_pool_name=pool, triggers=[ARRIVED], print_next_steps=False)
    (several,) = await adeploy(
        add.to_deployment(f"{name}-2", triggers=[ARRIVED]), work_pool_name=pool, print_next_steps_message=False
    )
    served = await Runner(name="served").add_flow(add, name=f"{name}-3", triggers=[ARRIVED])
    for made in (named, several, served):
        assert [automation.name for automation in await owned(made)] == ["arrived"]


async def test_a_project_file_and_the_command_line_have_them(project: Project, cli: Cli, name: str) -> None:
    pool = f"pool-{name}"
    cli.ok("work-pool", "create", pool, "--type", "process")
    (project.folder / "ostinato.yaml").write_text(
        f"""
deployments:
- name: {name}
  entrypoint: flows.py:add
  work_pool: {{name: {pool}}}
  triggers:
  - name: arrived
    expect: [file.arrived]
    parameters: {{a: "{{{{ event.resource.id }}}}"}}
  - type: compound
    require: any
    triggers: [{{expect: [a]}}, {{expect: [b]}}]
"""
    )
    cli.ok("--no-prompt", "deploy", "--name", name)
    async with get_client() as client:
        made = (await client.read_deployment_by_name(f"add/{name}")).id
    arrived, either = await owned(made)
    (run,) = arrived.actions
    assert isinstance(run, RunDeployment)
    assert run.parameters == {"a": "{{ event.resource.id }}"}
    assert (either.name, either.trigger.type) == (f"{name}__automation_2", "compound")

    cli.ok("--no-prompt", "deploy", "--name", name, "--trigger", '{"name": "given", "expect": ["c"]}')
    assert [automation.name for automation in await owned(made)] == ["given"]


async def test_what_is_no_trigger_leaves_those_that_there_are(project: Project, name: str) -> None:
    add = await Flow.afrom_source(project.folder, "flows.py:add")
    made = await add.to_deployment(name, triggers=[ARRIVED]).aapply()
    with pytest.raises(DeploymentApplyError, match=r"posture"):
        await add.to_deployment(name, triggers=[{"posture": "Lazy"}]).aapply()
    assert [automation.name for automation in await owned(made)] == ["arrived"]
