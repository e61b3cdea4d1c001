"""`ostinato deploy` from a project file, into pools whose workers fetch the code: from git, or by blocks."""

from pathlib import Path
from uuid import uuid4

import pytest

from ostinato import get_client
from ostinato.deployments import arun_deployment
from ostinato.flows import Flow
from ostinato.runner.storage import BlockStorageAdapter, GitRepository, RemoteStorage
from ostinato.workers.process import ProcessWorker
from ostinato_wire.deployments import Deployment
from ostinato_wire.events import EventFilter, EventNameFilter, EventResourceFilter
from ostinato_wire.filters import AnyId
from ostinato_wire.logs import LogFilter
from ostinato_wire.states import StateType
from tests.integration.sdk.conftest import Project, until_final
from tests.support.cli import Cli
from tests.support.git import Repository, alone_with_git, new_repository

REPORT = """
import os
from ostinato import flow

@flow(log_prints=True)
def report(rows: int = 1):
    print(f"{rows} rows of {open('table.txt').read()}")
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with a flow and a file that the flow reads."""
    alone_with_git(monkeypatch)
    made = new_repository(tmp_path / "reports")
    made.commit(flows__report_py=REPORT)
    (made.folder / "table.txt").write_text("first")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "a table")
    return made


@pytest.fixture
def pool(project: Project, cli: Cli) -> str:
    """A pool of processes."""
    name = f"pool-{uuid4().hex[:8]}"
    cli.ok("work-pool", "create", name, "--type", "process")
    return name


async def deployed(name: str) -> Deployment:
    async with get_client() as client:
        return await client.read_deployment_by_name(name)


async def run_once(deployment: Deployment, pool: str, **parameters: object) -> list[str]:
    """Run a deployment by a worker and return what it logged."""
    run = await arun_deployment(deployment.id, parameters, timeout=0)
    async with ProcessWorker(pool, name=f"w-{uuid4().hex[:6]}") as worker:
        await worker.start(run_once=True)
    state = await until_final(run.id)
    async with get_client() as client:
        lines = [line.message for line in await client.read_logs(LogFilter(flow_run_id=AnyId(any_=[run.id])))]
    assert state.type is StateType.COMPLETED, (state, lines)
    return lines


def write(project: Project, text: str) -> None:
    (project.folder / "ostinato.yaml").write_text(text)


async def test_a_worker_clones_the_code_of_a_deployment(
    project: Project, cli: Cli, pool: str, repository: Repository
) -> None:
    write(
        project,
        f"""
pull:
- git_clone:
    id: clone
    repository: {repository.url}
    branch: main
- ostinato.deployments.steps.run_shell_script:
    script: touch pulled
    directory: "{{{{ clone.directory }}}}"
deployments:
- name: nightly
  entrypoint: flows/report.py:report
  parameters: {{rows: 10}}
  work_pool: {{name: {pool}}}
""",
    )
    (project.folder / "flows").mkdir()
    (project.folder / "flows" / "report.py").write_text(REPORT)
    out = cli.ok("--no-prompt", "deploy", "--name", "report/*").out
    assert "Deployment 'report/nightly' successfully created" in out
    made = await deployed("report/nightly")
    assert [next(iter(step)) for step in made.pull_steps or []] == [
        "prefect.deployments.steps.git_clone",
        "prefect.deployments.steps.run_shell_script",
    ]
    assert "10 rows of first" in await run_once(made, pool)
    (repository.folder / "table.txt").write_text("second")
    repository.git("commit", "-q", "-am", "another table")
    assert "2 rows of second" in await run_once(made, pool, rows=2)


async def test_each_pull_step_is_told_of_by_an_event(
    project: Project, cli: Cli, pool: str, repository: Repository
) -> None:
    loaded = await Flow.afrom_source(repository.url, "flows/report.py:report")
    made = await loaded.adeploy(f"d-{uuid4().hex[:6]}", pool, print_next_steps=False)
    run = await arun_deployment(made, timeout=0)
    async with ProcessWorker(pool, name="w") as worker:
        await worker.start(run_once=True)
    assert (await until_final(run.id)).type is StateType.COMPLETED
    async with get_client() as client:
        answer = await client.read_events(
            EventFilter(
                event=EventNameFilter(name=["prefect.flow-run.pull-step.executed"]),
                resource=EventResourceFilter(id=[f"prefect.flow-run.{run.id}"]),
            )
        )
    (event,) = answer.events
    assert event.payload["step_name"] == "git_clone"
    assert event.payload["inputs"] == {"repository": repository.url}


async def test_a_flow_of_a_repository_is_loaded_without_running_it(project: Project, repository: Repository) -> None:
    source = GitRepository(repository.url, branch="main")
    loaded = await Flow.afrom_source(source, "flows/report.py:report")
    made = loaded.to_deployment("x")
    assert (made.entrypoint, made.path) == ("flows/report.py:report", None)
    assert made.pull_steps == [source.to_pull_step()]


async def test_code_is_fetched_by_a_saved_block(project: Project, pool: str, repository: Repository) -> None:
    from ostinato.filesystems import LocalFileSystem

    block = LocalFileSystem(basepath=str(repository.folder))
    await block.save(f"code-{uuid4().hex[:6]}")  # pyright: ignore[reportGeneralTypeIssues] - an awaitable in async code
    loaded = await Flow.afrom_source(BlockStorageAdapter(block), "flows/report.py:report")
    await loaded.adeploy("by-block", pool, print_next_steps=False)
    assert "1 rows of first" in await run_once(await deployed("report/by-block"), pool)


async def test_code_is_fetched_from_any_address(project: Project, pool: str, repository: Repository) -> None:
    source = RemoteStorage(f"file://{repository.folder}/")
    loaded = await Flow.afrom_source(source, "flows/report.py:report")
    await loaded.adeploy("by-address", pool, print_next_steps=False)
    assert "1 rows of first" in await run_once(await deployed("report/by-address"), pool)


async def test_the_working_directory_is_where_workers_look_if_nothing_is_said(
    project: Project, cli: Cli, pool: str
) -> None:
    out = cli.ok("--no-prompt", "deploy", "flows.py:add", "-n", "here", "-p", pool, "--param", "a=4").out
    assert f"Workers will look for the code in {project.folder}" in out
    lines = await run_once(await deployed("add/here"), pool)
    assert f"sum 5 in {project.folder}" in lines


async def test_what_the_command_line_says_outranks_the_file(project: Project, cli: Cli, pool: str) -> None:
    write(
        project,
        """
definitions:
  tags: &tags [a, b]
build:
- run_shell_script: {id: tag, script: echo v7, stream_output: false}
deployments:
- name: one
  entrypoint: flows.py:add
  tags: *tags
  description: "{{ tag.stdout }} of {{ $HOME_TOWN }}"
  parameters: {a: 1}
  concurrency_limit: {limit: 2, collision_strategy: CANCEL_NEW}
  max_queued: 5
  schedules:
  - {cron: "0 2 * * *", timezone: Europe/Berlin, slug: nightly}
  - {interval: "1:30:00", active: false}
  triggers:
  - type: event
    expect: [file.arrived]
    parameters: {a: "{{ event.resource.id }}"}
  work_pool:
    name: other
    job_variables: {env: {A: b}}
""",
    )
    cli.ok(
        "--no-prompt", "deploy", "-n", "one", "-p", pool, "--param", "b=2", "-jv", "stream_output=false", "-t", "c",
        "--version", "v2", "--version-type", "prefect:simple",
    )  # fmt: skip
    made = await deployed("add/one")
    assert made.tags == ["c"]
    assert (made.parameters, made.version, made.max_queued) == ({"b": 2}, "v2", 5)
    assert made.description == "v7 of "
    assert (made.work_pool_name, made.job_variables) == (pool, {"env": {"A": "b"}, "stream_output": False})
    assert made.concurrency_options is not None
    assert {schedule.slug: schedule.active for schedule in made.schedules} == {"nightly": True, None: False}
    async with get_client() as client:
        answer = await client.request("GET", f"/automations/related-to/prefect.deployment.{made.id}")
        (automation,) = answer.json()
        assert automation["name"] == "one__automation_1"
        assert automation["trigger"]["expect"] == ["file.arrived"]
        assert automation["actions"][0]["parameters"] == {"a": "{{ event.resource.id }}"}
        first = automation["id"]
        cli.ok("--no-prompt", "deploy", "-n", "one", "-p", pool)
        (again,) = (await client.request("GET", f"/automations/related-to/prefect.deployment.{made.id}")).json()
        assert again["id"] != first


async def test_schedules_that_are_not_named_stay(project: Project, cli: Cli, pool: str) -> None:
    arguments = ("--no-prompt", "deploy", "flows.py:add", "-n", f"kept-{uuid4().hex[:6]}", "-p", pool)
    cli.ok(*arguments, "--cron", "0 2 * * *", "--interval", "3600")
    cli.ok(*arguments, "--description", "changed")
    made = await deployed(f"add/{arguments[4]}")
    assert made.description == "changed"
    assert len(made.schedules) == 2
    cli.ok("deployment", "schedule", "clear", f"add/{arguments[4]}", "-y")
    assert (await deployed(f"add/{arguments[4]}")).schedules == []


async def test_secrets_are_not_written_into_deployments(
    project: Project, cli: Cli, pool: str, repository: Repository
) -> None:
    from ostinato.blocks.system import Secret

    name = f"token-{uuid4().hex[:6]}"
    await Secret(value="very-secret").save(name)  # pyright: ignore[reportGeneralTypeIssues] - an awaitable in async code
    template = f"{{{{ prefect.blocks.secret.{name} }}}}"
    write(
        project,
        f"""
deployments:
- name: guarded
  entrypoint: flows.py:add
  parameters: {{a: 1}}
  pull:
  - git_clone: {{repository: "https://git.example.org/x.git", access_token: "{template}"}}
  work_pool: {{name: {pool}, job_variables: {{env: {{TOKEN: "{template}"}}}}}}
""",
    )
    out = cli.ok("--no-prompt", "deploy", "--all")
    made = await deployed("add/guarded")
    assert "very-secret" not in f"{made.model_dump_json()}{out}"
    assert made.job_variables == {"env": {"TOKEN": template}}


async def test_problems_are_told_and_keep_nothing_else_back(project: Project, cli: Cli, pool: str) -> None:
    assert "entrypoint must be provided" in cli("--no-prompt", "deploy").out
    assert "name must be provided" in cli("--no-prompt", "deploy", "flows.py:add").out
    assert "work pool must be provided" in cli("--no-prompt", "deploy", "flows.py:add", "-n", "x").out
    assert "no work pool 'none'" in cli("--no-prompt", "deploy", "flows.py:add", "-n", "x", "-p", "none").out
    assert "no flow 'other'" in cli("--no-prompt", "deploy", "flows.py:other", "-n", "x", "-p", pool).out
    assert "cron" in cli("--no-prompt", "deploy", "flows.py:add", "-n", "x", "-p", pool, "--cron", "no cron").out
    assert "stale_after" in cli("--no-prompt", "deploy", "flows.py:add", "-n", "x", "-p", pool, "--sla", '{"a": 1}').out
    write(
        project,
        f"""
deployments:
- {{name: bad, entrypoint: "flows.py:none", work_pool: {{name: {pool}}}}}
- {{name: worse, entrypoint: "flows.py:add", paused: perhaps, work_pool: {{name: {pool}}}}}
- {{name: good, entrypoint: "flows.py:add", work_pool: {{name: {pool}}}}}
""",
    )
    outcome = cli("--no-prompt", "deploy", "--all")
    assert outcome.code == 1
    assert "2 of 3 deployments failed" in outcome.out
    assert "paused: Input should be a valid boolean" in outcome.out
    assert (await deployed("add/good")).work_pool_name == pool
    assert "give --name with one of bad, worse, good" in cli("--no-prompt", "deploy").out
    assert "no project file" in cli("--no-prompt", "deploy", "--prefect-file", "other.yaml").out


async def test_a_flow_that_cannot_be_imported_here_is_deployed_by_its_source(
    project: Project, cli: Cli, pool: str
) -> None:
    (project.folder / "far.py").write_text(
        "import no_such_package\nfrom ostinato import flow\n\n"
        "@flow(name='far-away')\ndef far(rows: int, when: str = 'now', *, other: list[str] | None = None):\n"
        "    '''Works elsewhere.'''\n"
    )
    outcome = cli.ok("--no-prompt", "deploy", "far.py:far", "-n", "x", "-p", pool)
    assert "No module named 'no_such_package'" in outcome.err
    made = await deployed("far-away/x")
    schema = made.parameter_openapi_schema or {}
    assert (made.description, schema["required"]) == ("Works elsewhere.", ["rows"])
    assert schema["properties"]["rows"]["type"] == "integer"
    assert schema["properties"]["when"]["default"] == "now"


def test_a_project_is_begun_and_deployed(project: Project, cli: Cli, pool: str) -> None:
    assert "new: ostinato.yaml" in cli.ok("--no-prompt", "init", "--recipe", "local").out
    assert "stays as it is" in cli.ok("--no-prompt", "init").err
    cli.ok("--no-prompt", "deploy", "flows.py:add", "-n", "begun", "-p", pool)
