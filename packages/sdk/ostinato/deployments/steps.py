"""Steps that bring a run's code to where it runs: `set_working_directory`, `git_clone` and shell commands."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ostinato.deployments.templates import resolve_templates
from ostinato.exceptions import StepExecutionError

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject
    from ostinato_wire.flow_runs import FlowRun

# Any below: JSON values, inputs and outputs of steps.

_OWN = re.compile(r"^(?:prefect|ostinato)\.deployments\.steps\.(?:\w+\.)?(\w+)$")
CLONE_TRIES = 3
CLONE_SECONDS = 600.0
STEP_WORDS = frozenset({"id", "requires"})


def set_working_directory(directory: str) -> JsonObject:
    """Go to a folder."""
    os.chdir(Path(directory).expanduser())
    return {"directory": str(Path.cwd())}


def git_clone(
    repository: str,
    branch: str | None = None,
    commit_sha: str | None = None,
    include_submodules: bool = False,
    access_token: str | None = None,
    clone_directory_name: str | None = None,
    **_: object,
) -> JsonObject:
    """Clone a repository below the working directory. Raises RuntimeError, without the token in its text."""
    if branch and commit_sha:
        raise ValueError("Give `branch` or `commit_sha`, not both.")
    name = clone_directory_name or _folder(repository, branch)
    options = ["--branch", branch] if branch else []
    options += ["--recurse-submodules"] if include_submodules else []
    depth = ["--filter=blob:none", "--no-checkout"] if commit_sha else ["--depth", "1"]
    if (Path(name) / ".git").is_dir():  # cloned before, in a folder that is kept
        target = commit_sha or branch or "HEAD"
        failed = _git("-C", name, "fetch", "--depth", "1", "origin", target)
        if (failed or _git("-C", name, "checkout", "--force", "FETCH_HEAD")) is None:
            return {"directory": str(Path(name).resolve())}
        shutil.rmtree(name)
    problem: str | None = None
    for attempt in range(CLONE_TRIES):
        if attempt:
            time.sleep(attempt)
        problem = _git("clone", *options, *depth, _with_token(repository, access_token), name)
        if problem is None and commit_sha:
            problem = _git("-C", name, "fetch", "origin", commit_sha) or _git("-C", name, "checkout", commit_sha)
        if problem is None:
            return {"directory": str(Path(name).resolve())}
    secret = access_token or "\0"
    raise RuntimeError(f"{repository} cannot be cloned: {problem}".replace(secret, "***"))


def _folder(repository: str, branch: str | None) -> str:
    stem = repository.rstrip("/").split("/")[-1].removesuffix(".git")
    return f"{stem}-{branch.replace('/', '-')}" if branch else stem


def _with_token(repository: str, token: str | None) -> str:
    return repository.replace("https://", f"https://{token}@", 1) if token else repository


def _git(*arguments: str) -> str | None:
    """Return what git says if it fails."""
    ended = subprocess.run(  # noqa: S603 - the arguments are the deployment's own
        ["git", *arguments],  # noqa: S607 - the git of the machine
        capture_output=True,
        text=True,
        timeout=CLONE_SECONDS,
        check=False,
        env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
    )
    return None if ended.returncode == 0 else ended.stderr.strip()


def run_shell_script(
    script: str,
    directory: str | None = None,
    env: Mapping[str, str] | None = None,
    stream_output: bool = True,
    expand_env_vars: bool = False,
    shell: bool = False,
) -> JsonObject:
    """Run each line of a script as a command; with `shell` all of it in a shell. Raises RuntimeError."""
    environment = {**os.environ, **(env or {})}
    text = os.path.expandvars(script) if expand_env_vars else script
    commands: list[str | list[str]] = (
        [text] if shell else [shlex.split(line) for line in text.splitlines() if line.strip()]
    )
    out: list[str] = []
    err: list[str] = []
    for command in commands:
        ended = subprocess.run(  # noqa: S603 - the commands are the deployment's own
            command, shell=shell, cwd=directory, env=environment, capture_output=True, text=True, check=False
        )
        out.append(ended.stdout)
        err.append(ended.stderr)
        if stream_output:
            sys.stdout.write(ended.stdout)
            sys.stderr.write(ended.stderr)
        if ended.returncode:
            raise RuntimeError(f"A command ended with status {ended.returncode}: {ended.stderr.strip()[-1000:]}")
    return {"stdout": "".join(out).strip(), "stderr": "".join(err).strip()}


def pip_install_requirements(
    directory: str | None = None, requirements_file: str = "requirements.txt", stream_output: bool = True
) -> JsonObject:
    """Install what a file of requirements lists into this Python. Raises RuntimeError."""
    command = shlex.join([sys.executable, "-m", "pip", "install", "-r", requirements_file])
    return run_shell_script(command, directory=directory, stream_output=stream_output)


_STEPS: dict[str, Callable[..., JsonObject]] = {
    "set_working_directory": set_working_directory,
    "git_clone": git_clone,
    "run_shell_script": run_shell_script,
    "pip_install_requirements": pip_install_requirements,
}


def run_pull_steps(steps: list[JsonObject], run: FlowRun) -> JsonObject:
    """Run steps one after another and go to the last folder that one gives. Raises StepExecutionError."""
    from ostinato.logging import flow_run_logger

    outputs: JsonObject = {}
    for step in steps:
        name, inputs = _parts(step)
        flow_run_logger(run).info(" > Running %s step...", name.rpartition(".")[2])
        output = _run_step(name, inputs, outputs)
        if isinstance(output, dict):
            outputs |= cast("JsonObject", output)
            if "id" in inputs:
                outputs[inputs["id"]] = output
    if directory := outputs.get("directory"):
        os.chdir(Path(str(directory)).expanduser())
    return outputs


def _parts(step: JsonObject) -> tuple[str, JsonObject]:
    if len(step) != 1:
        raise StepExecutionError(f"A step has exactly one name, got {sorted(step)}.")
    ((name, inputs),) = step.items()
    return name, dict(inputs or {})


def _run_step(name: str, inputs: JsonObject, outputs: JsonObject) -> Any:
    try:
        given = resolve_templates({k: v for k, v in inputs.items() if k not in STEP_WORDS}, outputs)
        return _function(name)(**given)
    except Exception as error:  # a step may be a user's function, which may raise anything
        raise StepExecutionError(f"Step {name} failed: {type(error).__name__}: {error}") from error


def _function(name: str) -> Callable[..., Any]:
    own = _OWN.match(name)
    if own and own[1] in _STEPS:
        return _STEPS[own[1]]
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)
