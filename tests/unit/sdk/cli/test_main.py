"""The frame of the command line: help, codes, extensions, speed."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.cli import Cli
from tests.support.settings import install


@pytest.mark.parametrize("arguments", [(), ("--help",)])
def test_help_lists_every_command(arguments: tuple[str, ...], cli: Cli) -> None:
    out = cli.ok(*arguments).out
    for name in ("config", "flow", "flow-run", "profile", "server", "task-run", "version"):
        assert f" {name} " in out


@pytest.mark.parametrize("noun", ["config", "flow", "flows", "flow-runs", "profile", "task-runs"])
def test_a_noun_alone_shows_its_help(noun: str, cli: Cli) -> None:
    assert f"ostinato {noun}" in cli.ok(noun).out


def test_versions(cli: Cli) -> None:
    assert cli.ok("--version").out == cli.ok("-v").out == version("ostinato") + "\n"
    out = cli.ok("version").out
    assert f"Version:              {version('ostinato')}\nAPI version:          0.8.4\n" in out
    assert "Server type:          ephemeral\n" in out
    assert f"Server:\n  Version:            {version('ostinato-server')}\n  Database:           sqlite\n" in out
    assert f"  redis:              {version('redis')}\n" in out.partition("Integrations:\n")[2]
    assert "Integrations" not in cli.ok("version", "--omit-integrations").out


def test_versions_name_the_database_and_what_extends_us(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, "night_demo", "", "[ostinato.cli]\nnight = night_demo:app\n")
    monkeypatch.setenv("OSTINATO_API_DATABASE_CONNECTION_URL", "postgresql+asyncpg://me:geheim@db/x")
    out = cli.ok("version").out
    assert "  Database:           postgresql\n" in out
    assert "geheim" not in out
    assert "SQLite" not in out
    assert "  night_demo:         1.0\n" in out


@pytest.mark.parametrize("arguments", [("none",), ("flow-run", "inspect"), ("flow", "ls", "--limit", "x"), ("-x",)])
def test_a_wrong_call_is_framed_and_ends_with_1(arguments: tuple[str, ...], cli: Cli) -> None:
    outcome = cli(*arguments)
    assert outcome.code == 1
    assert "─ Error ─" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("deploymnet",), "'deployment'"),
        (("work-pols", "ls"), "'work-pools'"),
        (("flow-run", "list"), "'ls'"),
        (("variable", "remove"), "'delete'"),
        (("work-pool", "craete"), "'create'"),
        (("flow", "ls", "--lmit", "1"), "'--limit'"),
        (("config", "set", "OSTINATO_API_ULR=x"), "'OSTINATO_API_URL'"),
        (("profile", "use", "lokal"), "'local'"),
    ],
)
def test_a_mistyped_name_is_told_with_what_it_may_have_meant(
    arguments: tuple[str, ...], meant: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    outcome = cli(*arguments)
    assert outcome.code == 1
    assert "Did you mean " in outcome.out + outcome.err
    assert meant in outcome.out + outcome.err


def test_another_output_format_is_refused(cli: Cli) -> None:
    outcome = cli("profile", "ls", "-o", "yaml")
    assert (outcome.code, outcome.out) == (1, "Only 'json' output format is supported.\n")


def test_a_question_is_asked_and_no_is_the_default(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.ok("profile", "create", "a")

    def press_enter(question: str, default: bool) -> bool:
        return default

    monkeypatch.setattr("typer.confirm", press_enter)
    outcome = cli("--prompt", "profile", "delete", "a")
    assert (outcome.code, outcome.out) == (1, "Operation cancelled.\n")
    monkeypatch.setenv("OSTINATO_CLI_PROMPT", "true")
    assert cli("profile", "delete", "a").code == 1
    cli.ok("--no-prompt", "profile", "delete", "a")


def test_commands_of_other_distributions(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = """
import os
import typer
app = typer.Typer(no_args_is_help=True)

@app.command()
def greet(name: str) -> None:
    print(name, os.environ["OSTINATO_LOGGING_LEVEL"], os.environ["OSTINATO_API_URL"])

@app.command()
def part() -> None:
    raise typer.Exit(3)
"""
    install(tmp_path, monkeypatch, "demo_cli", source, "[ostinato.cli]\ndemo = demo_cli:app\nbad = demo_cli_none:app\n")
    (tmp_path / "ostinato.toml").write_text('[logging]\nlevel = "ERROR"\n')
    monkeypatch.setenv("OSTINATO_API_URL", "http://env/api")
    for name in ("OSTINATO_LOGGING_LEVEL", "OSTINATO_SERVER_EPHEMERAL_ENABLED"):
        monkeypatch.setenv(name, "")  # so that what the command exports is undone after the test
    assert "Commands of demo_cli." in cli.ok("--help").out
    assert "demo_cli" not in sys.modules
    assert cli.ok("demo", "greet", "you").out == "you ERROR http://env/api\n"
    assert cli.ok("-p", "local", "demo", "greet", "you").out == "you ERROR http://127.0.0.1:4200/api\n"
    assert "greet" in cli.ok("demo").out
    assert cli("demo", "part").code == 3
    outcome = cli("bad")
    assert outcome.code == 1
    assert "'bad' cannot be loaded from demo_cli_none:app" in outcome.out


def test_without_the_server_the_remedy_is_told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_installed(group: str) -> tuple[()]:
        return ()

    monkeypatch.setattr("ostinato.cli.extensions.entry_points", nothing_installed)
    outcome = cli("server", "start")
    assert outcome.code == 1
    assert 'pip install "ostinato[server]"' in outcome.out


@pytest.mark.parametrize("name", ["NO_COLOR", "OSTINATO_CLI_COLORS"])
def test_colours_can_be_refused(name: str, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = cli("profile", "inspect", "none").out
    monkeypatch.setenv(name, "0")
    plain = cli("profile", "inspect", "none").out
    assert "\x1b[31m" in coloured
    assert "\x1b[31m" not in plain


def test_help_imports_neither_settings_nor_client(tmp_path: Path) -> None:
    code = (
        "import sys; from ostinato.cli.main import run; run(['--help']); "
        "print(sorted({'httpx', 'pydantic', 'ostinato.settings', 'ostinato_wire', 'ostinato_core'} & set(sys.modules)))"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
