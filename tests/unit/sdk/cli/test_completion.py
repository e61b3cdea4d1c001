"""Shell completion: the scripts, where they are put, and what is offered."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from click.shell_completion import FishComplete, add_completion_class

from tests.support.cli import Cli


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a user."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


@pytest.fixture
def other_library() -> Iterator[None]:
    """Put what completes for fish into click's register, as Typer does for commands that ask it to."""

    class Other(FishComplete):
        source_template = "complete --other"

        def complete(self) -> str:
            return "other"

    add_completion_class(Other)
    yield
    add_completion_class(FishComplete)


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_it_is_installed_once(shell: str, cli: Cli, home: Path, user: Path) -> None:
    (user / f".{shell}rc").write_text("export A=1")
    cli.ok("completion", "install", shell)
    cli.ok("completion", "install", shell)
    script = home / f"completion.{shell}"
    assert (user / f".{shell}rc").read_text() == f'export A=1\n[ -f "{script}" ] && source "{script}"\n'
    assert script.read_text() == cli.ok("completion", "show", shell).out


def test_fish_finds_it_by_itself(cli: Cli, user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    cli.ok("completion", "install")
    written = (user / ".config" / "fish" / "completions" / "ostinato.fish").read_text()
    assert "_OSTINATO_COMPLETE=fish_complete" in written


@pytest.mark.usefixtures("other_library")
def test_what_another_library_has_registered_is_not_used(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "_OSTINATO_COMPLETE=fish_complete" in cli.ok("completion", "show", "fish").out
    monkeypatch.setenv("_OSTINATO_COMPLETE", "fish_complete")
    monkeypatch.setenv("COMP_WORDS", "ostinato flow-r")
    monkeypatch.setenv("COMP_CWORD", "flow-r")
    assert cli().out.startswith("plain,flow-run\t")


def test_an_unknown_shell_must_be_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    outcome = cli("completion", "show")
    assert outcome.code == 1
    assert "bash, zsh, fish" in outcome.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shells_take_their_scripts(shell: str, cli: Cli, tmp_path: Path) -> None:
    program = which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(cli.ok("completion", "show", shell).out)
    checked = subprocess.run([program, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("flow-r", ["flow-run"]),
        ("flow-run re", ["retry"]),
        ("deployment schedule pa", ["pause"]),
        ("work-pool create --set", ["--set-as-default"]),
        ("profile use lo", ["local"]),
        ("config set OSTINATO_API_UR", ["OSTINATO_API_URL"]),
        ("deployment inspect x", []),  # no server is known
    ],
)
def test_commands_options_and_names_are_offered(
    words: str, offered: list[str], cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_OSTINATO_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", f"ostinato {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split())))
    assert cli.ok().out.split() == [f"plain,{each}" for each in offered]
