"""Steps: what they do, what they hand on, and by which names they are known."""

import os
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from ostinato.deployments.steps import (
    pull_from_remote_storage,
    push_to_remote_storage,
    run_shell_script,
    run_steps,
    running,
    set_working_directory,
)
from ostinato.deployments.steps.equivalents import equivalent, own_name, stock_name, wire_name
from ostinato.deployments.steps.pulling import MASK, shown
from ostinato.deployments.steps.running import as_steps
from ostinato.exceptions import StepExecutionError
from ostinato.runner.remote import RemoteStorage


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_steps_hand_their_outputs_on(here: Path) -> None:
    script = "prefect.deployments.steps.utility.run_shell_script"
    told: list[str] = []
    steps: list[dict[str, Any]] = [
        {script: {"id": "made", "script": "mkdir made\necho made", "stream_output": False}},
        {"ostinato.deployments.steps.set_working_directory": {"directory": "{{ made.stdout }}"}},
    ]
    outputs = run_steps(steps, {"before": 1}, told.append)
    assert (outputs["directory"], outputs["before"]) == (str(here / "made"), 1)
    assert Path.cwd() == here / "made"
    assert told == [" > Running run_shell_script step...", " > Running set_working_directory step..."]


def test_a_step_that_fails_is_named() -> None:
    with pytest.raises(StepExecutionError, match="working_directory failed: FileNotFoundError"):
        run_steps([{"prefect.deployments.steps.set_working_directory": {"directory": "nowhere"}}])
    with pytest.raises(StepExecutionError, match="one name"):
        run_steps([{}])
    with pytest.raises(StepExecutionError, match="inputs of step 'x'"):
        run_steps([{"x": "y"}])
    with pytest.raises(StepExecutionError, match=r"named by `package\.module\.function`"):
        run_steps([{"word": {}}])
    with pytest.raises(FileNotFoundError):
        set_working_directory("nowhere")


def test_steps_may_be_one_mapping() -> None:
    assert as_steps({"a": None, "b": {"x": 1}}) == [{"a": None}, {"b": {"x": 1}}]
    assert as_steps(None) == []
    with pytest.raises(StepExecutionError, match="a list of names"):
        as_steps("a")


def test_any_function_is_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("my_steps")

    async def double(number: int) -> dict[str, int]:
        return {"number": 2 * number}

    vars(module)["double"] = double
    monkeypatch.setitem(sys.modules, "my_steps", module)
    steps: list[dict[str, Any]] = [
        {"my_steps.double": {"number": 4, "id": "first"}},
        {"my_steps.double": {"number": "{{ first.number }}", "requires": "nothing"}},
    ]
    assert run_steps(steps)["number"] == 16


def test_what_a_step_requires_is_installed_if_it_is_missing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[object] = []

    def install(requires: object) -> None:
        installed.append(requires)
        (here / "late_steps.py").write_text("def greet(name):\n    return {'said': f'hello {name}'}\n")

    monkeypatch.syspath_prepend(str(here))  # pyright: ignore[reportUnknownMemberType] - it has no types
    monkeypatch.setattr(running, "_install", install)
    step = {"late_steps.greet": {"name": "you", "requires": "late-steps>=1"}}
    assert run_steps([step])["said"] == "hello you"
    assert run_steps([step])["said"] == "hello you"
    assert installed == ["late-steps>=1"]


def test_a_missing_package_that_nothing_installs_is_told() -> None:
    with pytest.raises(StepExecutionError, match="No module named 'no_such_package'"):
        run_steps([{"no_such_package.step": {}}])


def test_a_script_is_run_line_by_line(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = run_shell_script("echo one\n\necho $NAME > file", env={"NAME": "x"}, expand_env_vars=True)
    assert made == {"stdout": "one\nx > file", "stderr": ""}
    assert capfd.readouterr().out == "one\nx > file\n"
    run_shell_script("echo $NAME > file", env={"NAME": "y"}, shell=True, stream_output=False)
    assert (here / "file").read_text() == "y\n"


def test_a_command_that_fails_ends_the_script() -> None:
    with pytest.raises(RuntimeError, match="status 3: bad") as problem:
        run_shell_script("sh -c 'echo bad >&2; exit 3'\ntouch after", stream_output=False)
    assert not Path("after").exists()
    assert "sh" in str(problem.value)


def test_code_is_pushed_and_pulled_by_any_address(here: Path) -> None:
    (here / "project" / "sub").mkdir(parents=True)
    (here / "project" / "flows.py").write_text("flow")
    (here / "project" / "sub" / "more.py").write_text("more")
    (here / "project" / "secret.env").write_text("no")
    (here / "project" / ".prefectignore").write_text("*.env\n.prefectignore\n")
    os.chdir(here / "project")
    pushed = push_to_remote_storage("memory://code/team")
    assert pushed == {"url": "memory://code/team", "directory": str(here / "project")}
    os.chdir(here)
    made = pull_from_remote_storage("memory://code/team")
    folder = Path(made["directory"])
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == ["flows.py", "sub/more.py"]
    with pytest.raises(ValueError, match="nothing at 'memory://code/other'"):
        pull_from_remote_storage("memory://code/other")


def test_a_storage_of_any_address_says_how_runs_pull_it() -> None:
    made = RemoteStorage("s3://bucket/flows", key="{{ prefect.blocks.secret.key }}")
    assert made.to_pull_step() == {
        "prefect.deployments.steps.pull_from_remote_storage": {
            "url": "s3://bucket/flows",
            "key": "{{ prefect.blocks.secret.key }}",
        }
    }
    with pytest.raises(ValueError, match="scheme"):
        RemoteStorage("bucket/flows")


def test_the_same_step_has_one_name_in_deployments() -> None:
    for name in ("git_clone", "ostinato.deployments.steps.git_clone", "prefect.deployments.steps.pull.git_clone"):
        assert stock_name(name) == "git_clone"
        assert wire_name(name) == "prefect.deployments.steps.git_clone"
        assert own_name(name) == "ostinato.deployments.steps.git_clone"
    docker = "prefect_docker.deployments.steps.build_docker_image"
    assert wire_name(docker) == own_name(docker) == "ostinato.deployments.steps.build_docker_image"
    assert wire_name("mine.git_clone") == "mine.git_clone"


def test_steps_of_clouds_are_done_by_ours() -> None:
    name, inputs = equivalent(
        "prefect_aws.deployments.steps.pull_from_s3",
        {"bucket": "b", "folder": "/f/", "credentials": "{{ prefect.blocks.aws-credentials.x }}"},
    ) or ("", {})
    assert name == "ostinato.deployments.steps.pull_from_remote_storage"
    assert inputs == {
        "url": "s3://b/f",
        "key": "{{ prefect.blocks.aws-credentials.x.aws_access_key_id }}",
        "secret": "{{ prefect.blocks.aws-credentials.x.aws_secret_access_key }}",
    }
    azure = equivalent("prefect_azure.deployments.steps.push_to_azure_blob_storage", {"container": "c", "folder": "f"})
    assert azure == ("ostinato.deployments.steps.push_to_remote_storage", {"url": "az://c/f"})
    assert equivalent("prefect_aws.deployments.steps.pull_from_s3", {}) is None
    assert equivalent("prefect_aws.other", {}) is None


def test_events_show_templates_and_no_secrets() -> None:
    assert shown("access_token", "abc") == MASK
    assert shown("access_token", "{{ prefect.blocks.secret.x }}") == "{{ prefect.blocks.secret.x }}"
    assert shown("credentials", {"token": "abc"}) == MASK
    assert shown("repository", "https://me:word@example.org/x") == "https://***@example.org/x"
    assert shown("branch", "main") == "main"
