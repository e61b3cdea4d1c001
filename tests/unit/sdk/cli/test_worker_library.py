"""When a worker's library is installed."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ostinato.cli import output, worker_library
from ostinato.cli.lazy import CommandFailed
from ostinato.cli.worker_library import InstallPolicy, ensure_library


def found(what: object) -> Callable[[str], object]:
    """Return what stands in for the search for a module."""

    def find(_: str) -> object:
        return what

    return find


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have been run; they end well."""
    ran: list[list[str]] = []

    def run(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        ran.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(worker_library.subprocess, "run", run)
    monkeypatch.setattr(worker_library, "find_spec", found(None))
    return ran


@pytest.mark.parametrize("policy", [InstallPolicy.ALWAYS, InstallPolicy.IF_NOT_PRESENT])
def test_a_missing_library_is_installed(policy: InstallPolicy, commands: list[list[str]]) -> None:
    ensure_library("kubernetes", policy)
    assert commands == [[sys.executable, "-m", "pip", "install", "--quiet", "ostinato[kubernetes]"]]


@pytest.mark.parametrize("policy", [InstallPolicy.NEVER, InstallPolicy.PROMPT])
def test_it_is_told_how_to_install_it(policy: InstallPolicy, commands: list[list[str]]) -> None:
    with pytest.raises(CommandFailed, match=r'pip install "ostinato\[docker\]"'):
        ensure_library("docker", policy)
    assert commands == []


def test_it_is_asked_for_where_somebody_can_answer(commands: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(output, "is_interactive", lambda: True)
    monkeypatch.setattr(output, "confirm", asked.append)
    ensure_library("docker", InstallPolicy.PROMPT)
    assert (len(asked), len(commands)) == (1, 1)


def test_one_that_is_here_is_left_alone_unless_always(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_library, "find_spec", found(object()))
    ensure_library("docker", InstallPolicy.IF_NOT_PRESENT)
    ensure_library("process", InstallPolicy.ALWAYS)
    assert commands == []
    ensure_library("docker", InstallPolicy.ALWAYS)
    assert "--upgrade" in commands[0]


def test_an_installation_that_fails_says_so(commands: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(worker_library.subprocess, "run", fails)
    with pytest.raises(CommandFailed, match="could not be installed"):
        ensure_library("docker", InstallPolicy.ALWAYS)
