"""Service level agreements that are given to deployments in code, in a project file, and by commands."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from ostinato import get_client
from ostinato._experimental.sla import objects
from ostinato.deployments import adeploy
from ostinato.flows import Flow
from ostinato.runner import Runner
from ostinato.slas import FrequencySla, LatenessSla, SlaSeverity, TimeToCompletionSla
from ostinato_wire.slas import Sla, SlaKind
from tests.integration.sdk.conftest import Project
from tests.support.cli import Cli

PUNCTUAL = LatenessSla(name="punctual", within=timedelta(minutes=10), severity=SlaSeverity.HIGH)
QUICK = TimeToCompletionSla(name="quick", duration=60)


async def kept(deployment_id: UUID) -> list[Sla]:
    """Return the agreements of a deployment in the order of their names."""
    async with get_client() as client:
        return await client.read_slas(f"prefect.deployment.{deployment_id}")


async def names_of(deployment_id: UUID) -> list[str]:
    return [sla.name for sla in await kept(deployment_id)]


@pytest.fixture
def name() -> str:
    return f"d-{uuid4().hex[:8]}"


@pytest.fixture
def pool(cli: Cli, name: str) -> str:
    cli.ok("work-pool", "create", f"pool-{name}", "--type", "process")
    return f"pool-{name}"


async def test_a_deployment_has_what_it_is_given_and_nothing_else(project: Project, name: str) -> None:
    add = await Flow.afrom_source(project.folder, "flows.py:add")
    hourly = {"name": "hourly", "stale_after": 3600}
    made = await add.to_deployment(name, _sla=[PUNCTUAL, hourly]).aapply()
    frequent, punctual = await kept(made)
    assert (frequent.kind, frequent.stale_after, frequent.severity) == (SlaKind.FREQUENCY, 3600, SlaSeverity.MODERATE)
    assert (punctual.kind, punctual.within, punctual.severity) == (SlaKind.LATENESS, 600, SlaSeverity.HIGH)

    await add.to_deployment(name).aapply()
    assert await names_of(made) == ["hourly", "punctual"]
    await add.to_deployment(name, _sla=QUICK).aapply()
    assert await names_of(made) == ["quick"]
    await add.to_deployment(name, _sla=[]).aapply()
    assert await names_of(made) == []


async def test_all_ways_to_deploy_take_them(project: Project, pool: str, name: str) -> None:
    add = await Flow.afrom_source(project.folder, "flows.py:add")
    named = await add.adeploy(f"{name}-1", work_pool_name=pool, _sla=PUNCTUAL, print_next_steps=False)
    (several,) = await adeploy(
        add.to_deployment(f"{name}-2", _sla=PUNCTUAL), work_pool_name=pool, print_next_steps_message=False
    )
    served = await Runner(name="served").add_flow(add, name=f"{name}-3", _sla=PUNCTUAL)
    for made in (named, several, served):
        assert await names_of(made) == ["punctual"]


async def test_a_project_file_and_the_command_line_have_them(project: Project, cli: Cli, pool: str, name: str) -> None:
    (project.folder / "ostinato.yaml").write_text(
        f"""
deployments:
- name: {name}
  entrypoint: flows.py:add
  work_pool: {{name: {pool}}}
  sla:
  - {{name: punctual, within: 600, severity: critical}}
  - {{name: quick, duration: 60}}
"""
    )
    cli.ok("--no-prompt", "deploy", "--name", name)
    async with get_client() as client:
        made = (await client.read_deployment_by_name(f"add/{name}")).id
    assert [(sla.name, sla.severity.value) for sla in await kept(made)] == [
        ("punctual", "critical"),
        ("quick", "moderate"),
    ]
    cli.ok("--no-prompt", "deploy", "--name", name, "--sla", '{"name": "hourly", "stale_after": 3600}')
    assert await names_of(made) == ["hourly"]
    refused = cli("--no-prompt", "deploy", "--name", name, "--sla", '{"name": "never"}')
    assert refused.code == 1
    assert "stale_after" in refused.out + refused.err
    assert await names_of(made) == ["hourly"]


async def test_commands_make_show_switch_and_delete_them(project: Project, cli: Cli, name: str) -> None:
    add = await Flow.afrom_source(project.folder, "flows.py:add")
    made = await add.to_deployment(name).aapply()
    owner, tag = f"add/{name}", f"tag:{name}"
    cli.ok("sla", "set", owner, "quick", "--ends-within", "90s", "--severity", "high")
    cli.ok("sla", "set", owner, "punctual", "--starts-within", "10 minutes")
    cli.ok("sla", "set", tag, "hourly", "--completes-every", "1h", "--disable")
    cli.ok("sla", "set", owner, "quick", "--ends-within", "2 minutes")

    assert [(sla.name, sla.duration, sla.within) for sla in await kept(made)] == [
        ("punctual", None, 600),
        ("quick", 120, None),
    ]
    listed = cli.ok("sla", "ls").out
    assert all(part in listed for part in (owner, tag, "ends within 0:02:00", "completes every 1:00:00"))
    (only,) = cli.ok("sla", "ls", tag, "-o", "json").json()
    assert (only["name"], only["enabled"], only["stale_after"]) == ("hourly", False, 3600)
    assert cli.ok("sla", "inspect", owner, "quick", "-o", "json").json()["duration"] == 120
    cli.ok("sla", "enable", tag, "hourly")
    cli.ok("sla", "disable", owner, "quick")
    assert cli.ok("sla", "ls", tag, "-o", "json").json()[0]["enabled"] is True
    assert cli.ok("sla", "inspect", owner, "quick", "-o", "json").json()["enabled"] is False
    cli.ok("--no-prompt", "sla", "delete", owner, "quick")
    assert await names_of(made) == ["punctual"]


def test_what_cannot_be_is_said(project: Project, cli: Cli) -> None:
    assert "not found" in cli("sla", "inspect", "tag:x", "none").err + cli("sla", "inspect", "tag:x", "none").out
    neither = cli("sla", "set", "tag:x", "a")
    assert (neither.code, "--ends-within" in neither.out + neither.err) == (1, True)
    wrong = cli("sla", "set", "tag:x", "a", "--ends-within", "soon")
    assert (wrong.code, "no span of time" in wrong.out + wrong.err) == (1, True)


def test_flows_of_the_reference_find_the_names_where_they_look_for_them() -> None:
    assert {objects.FrequencySla, objects.LatenessSla, objects.TimeToCompletionSla} == {
        FrequencySla,
        LatenessSla,
        TimeToCompletionSla,
    }
