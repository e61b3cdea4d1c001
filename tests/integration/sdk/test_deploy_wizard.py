"""`ostinato deploy` and `ostinato init` where questions may be asked, and `ostinato import`."""

import io
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from ostinato import get_client
from tests.integration.sdk.conftest import Project
from tests.support.cli import Cli


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> "Answer":
    """Give the answers to the questions of the next command, one a line."""
    return Answer(monkeypatch)


class Answer:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, *lines: str) -> None:
        self._monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


async def test_all_that_is_not_said_is_asked_for_and_can_be_kept(project: Project, cli: Cli, answer: Answer) -> None:
    pool, name = f"pool-{uuid4().hex[:8]}", f"asked-{uuid4().hex[:6]}"
    cli.ok("work-pool", "create", pool, "--type", "process")
    answer("1", name, "y", "1", "0 3 * * *", "Europe/Berlin", "y", "y", "2", "600", "UTC", "n", "n", "n", "y")
    out = cli.ok("--prompt", "deploy", "--pool", pool).out
    assert "Which flow?" in out
    assert f"Deployment 'add/{name}' successfully created" in out
    content = yaml.safe_load((project.folder / "ostinato.yaml").read_text())
    assert content["deployments"] == [
        {
            "name": name,
            "entrypoint": "flows.py:add",
            "work_pool": {"name": pool},
            "schedules": [
                {"cron": "0 3 * * *", "timezone": "Europe/Berlin", "active": True},
                {"interval": 600.0, "timezone": "UTC", "active": False},
            ],
        }
    ]
    async with get_client() as client:
        made = await client.read_deployment_by_name(f"add/{name}")
    assert len(made.schedules) == 2
    assert cli.ok("--no-prompt", "deploy", "--name", name).code == 0


async def test_a_pool_is_made_and_the_code_comes_from_git(project: Project, cli: Cli, answer: Answer) -> None:
    pool, name = f"made-{uuid4().hex[:8]}", f"asked-{uuid4().hex[:6]}"
    async with get_client() as client:
        place = len(await client.read_work_pools(limit=200)) + 1
    choice = [str(place)] if place > 1 else []
    token = "very-secret-token"
    answer(*choice, "1", pool, "n", "y", "1", "https://git.example.org/x.git", "main", "y", token, "n")

    def hidden(_: str) -> str:
        return token

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("click.termui.hidden_prompt_func", hidden)
        outcome = cli.ok("--prompt", "deploy", "flows.py:add", "--name", name)
    assert token not in outcome.out
    async with get_client() as client:
        made = await client.read_deployment_by_name(f"add/{name}")
        assert (await client.read_work_pool(pool)).type == "process"
        block = f"deployment-{name}-add-repo-token"
        assert (await client.read_block_data("secret", block))["value"] == token
    (step,) = made.pull_steps or []
    assert step["prefect.deployments.steps.git_clone"] == {
        "repository": "https://git.example.org/x.git",
        "branch": "main",
        "access_token": f"{{{{ prefect.blocks.secret.{block} }}}}",
    }


async def test_which_of_the_file_is_asked_for(project: Project, cli: Cli, answer: Answer) -> None:
    pool = f"pool-{uuid4().hex[:8]}"
    cli.ok("work-pool", "create", pool, "--type", "process")
    (project.folder / "ostinato.yaml").write_text(
        "pull: []\ndeployments:\n"
        f"- {{name: one, entrypoint: 'flows.py:add', schedules: [], work_pool: {{name: {pool}}}}}\n"
        f"- {{name: two, entrypoint: 'flows.py:fail', schedules: [], work_pool: {{name: {pool}}}}}\n"
    )
    answer("9", "2")
    out = cli.ok("--prompt", "deploy").out
    assert "A number from 1 to 3 is needed." in out
    assert "Deployment 'fail/two' successfully created" in out


def test_a_project_is_begun_by_a_recipe(project: Project, cli: Cli, answer: Answer) -> None:
    answer("3", "registry.example/etl", "1.0")
    cli.ok("--prompt", "init")
    build = yaml.safe_load((project.folder / "ostinato.yaml").read_text())["build"]
    assert build[0]["ostinato.deployments.steps.build_docker_image"]["image_name"] == "registry.example/etl"
    assert "no recipe 'none'" in cli("init", "--recipe", "none").out


def test_init_is_a_part_of_deploy_too(project: Project, cli: Cli) -> None:
    outcome = cli.ok("--no-prompt", "deploy", "init", "--recipe", "s3", "-f", "bucket=code", "--name", "mine")
    assert "folder" in outcome.err
    text = (project.folder / "ostinato.yaml").read_text()
    assert "s3://code/<folder>" in text
    assert yaml.safe_load(text)["name"] == "mine"
    assert (project.folder / ".ostinatoignore").is_file()


def test_a_project_of_the_reference_is_taken_over(project: Project, cli: Cli, tmp_path: Path) -> None:
    theirs = project.folder / "prefect.yaml"
    theirs.write_text("pull:\n- prefect.deployments.steps.git_clone: {repository: x}  # here\n- other.step: {}\n")
    outcome = cli.ok("import", "prefect-project")
    assert "prefect.deployments.steps.git_clone -> ostinato.deployments.steps.git_clone" in outcome.out
    assert "line 3: the step other.step stays as it is" in outcome.err
    assert (
        "- ostinato.deployments.steps.git_clone: {repository: x}  # here"
        in (project.folder / "ostinato.yaml").read_text()
    )
    assert "give --force" in cli("import", "prefect-project").out
    cli.ok("import", "prefect-project", "prefect.yaml", "--force")
    assert cli.ok("import", "prefect-project", str(project.folder), "--to", "-").out.startswith("pull:")
    assert "There is no file" in cli("import", "prefect-project", "elsewhere").out
