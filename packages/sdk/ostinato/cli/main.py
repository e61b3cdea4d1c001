"""The entry point `ostinato`: global options, the list of commands, and how problems are told."""

import os
import sys
import warnings
from typing import Annotated

import click
import typer

from ostinato.cli.lazy import Entry, LazyGroup, from_module
from ostinato.cli.params import option

_ENTRIES = {
    "api": Entry("Send any request to the API.", from_module("ostinato.cli.api:app")),
    "artifact": Entry("Look at artifacts, and delete them.", from_module("ostinato.cli.artifact:app")),
    "automation": Entry("Make, look at, pause and delete automations.", from_module("ostinato.cli.automation:app")),
    "block": Entry("Look at blocks and their types, register and delete them.", from_module("ostinato.cli.block:app")),
    "completion": Entry("Let the shell complete commands.", from_module("ostinato.cli.completion:app")),
    "bulk-job": Entry("Look at and stop changes of many flow runs.", from_module("ostinato.cli.bulk_job:app")),
    "concurrency-limit": Entry(
        "Make, look at, reset and delete the limits of task tags.", from_module("ostinato.cli.concurrency_limit:app")
    ),
    "config": Entry("Show and change settings.", from_module("ostinato.cli.config:app")),
    "dashboard": Entry("Open the web UI.", from_module("ostinato.cli.dashboard:app")),
    "deploy": Entry("Make or change deployments.", from_module("ostinato.cli.deploy:app")),
    "deployment": Entry("Look at deployments, run, pause and delete them.", from_module("ostinato.cli.deployment:app")),
    "doctor": Entry("Find out what keeps this machine from its server.", from_module("ostinato.cli.doctor:app")),
    "events": Entry("Listen to events, and emit them.", from_module("ostinato.cli.events:app")),
    "flow": Entry("Look at flows, and serve them.", from_module("ostinato.cli.flow:app")),
    "flow-run": Entry("Look at, explain, cancel and delete flow runs.", from_module("ostinato.cli.flow_run:app")),
    "global-concurrency-limit": Entry(
        "Make, look at, change and delete concurrency limits.",
        from_module("ostinato.cli.global_concurrency_limit:app"),
    ),
    "import": Entry("Take over what was written for others.", from_module("ostinato.cli.project_import:app")),
    "incident": Entry("Declare, look at and resolve incidents.", from_module("ostinato.cli.incident:app")),
    "init": Entry("Begin a project in this folder.", from_module("ostinato.cli.init:app")),
    "journal": Entry(
        "Look at what waits on this machine for its server, and report it.", from_module("ostinato.cli.journal:app")
    ),
    "profile": Entry("Keep several sets of settings and switch between them.", from_module("ostinato.cli.profile:app")),
    "shell": Entry("Run commands of the shell as flow runs.", from_module("ostinato.cli.shell:app")),
    "sla": Entry("Give deployments and tags service level agreements.", from_module("ostinato.cli.sla:app")),
    "task": Entry("Execute delayed runs of tasks.", from_module("ostinato.cli.task:app")),
    "task-run": Entry("Look at task runs, and cancel background ones.", from_module("ostinato.cli.task_run:app")),
    "transfer": Entry("Copy what is set up from one server to another.", from_module("ostinato.cli.transfer:app")),
    "variable": Entry("Set, look at and delete variables.", from_module("ostinato.cli.variable:app")),
    "version": Entry("Show versions of Ostinato and what it runs on.", from_module("ostinato.cli.version:app")),
    "webhook": Entry("Let other systems send events.", from_module("ostinato.cli.webhook:app")),
    "work-pool": Entry("Make, look at, pause and delete work pools.", from_module("ostinato.cli.work_pool:app")),
    "work-queue": Entry("Make, look at, pause and delete work queues.", from_module("ostinato.cli.work_queue:app")),
    "worker": Entry("Start the runs of a work pool.", from_module("ostinato.cli.worker:app")),
}
_ALIASES = {
    "artifacts": "artifact",
    "automations": "automation",
    "blocks": "block",
    "bulk-jobs": "bulk-job",
    "concurrency-limits": "concurrency-limit",
    "deployments": "deployment",
    "event": "events",
    "flows": "flow",
    "flow-runs": "flow-run",
    "gcl": "global-concurrency-limit",
    "global-concurrency-limits": "global-concurrency-limit",
    "incidents": "incident",
    "profiles": "profile",
    "slas": "sla",
    "task-runs": "task-run",
    "variables": "variable",
    "webhooks": "webhook",
    "work-pools": "work-pool",
    "work-queues": "work-queue",
}


class RootGroup(LazyGroup):
    """All commands: our own, and those of other installed distributions."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        from ostinato.cli.extensions import extension_entries

        super().__init__(*args, **kwargs)  # pyright: ignore[reportArgumentType]  # handed through to TyperGroup as they came
        self.entries = extension_entries() | _ENTRIES
        self.aliases = _ALIASES


app = typer.Typer(cls=RootGroup, add_completion=False, rich_markup_mode="rich")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(version("ostinato"))
        raise typer.Exit


def _use_profile(name: str | None) -> str | None:
    if name is None:
        return None
    from ostinato.settings import ProfileNotFound
    from ostinato.settings.current import reread_sources

    try:
        reread_sources(name)
    except ProfileNotFound as error:
        click.echo(error, err=True)
        raise typer.Exit(1) from None
    return name


@app.callback()
def root(
    profile: Annotated[
        str | None,
        # By a callback: the profile must be in force before the command itself is looked up and imported.
        option("-p", "--profile", help="Use this profile; its values outrank the environment.", callback=_use_profile),
    ] = None,
    prompt: Annotated[
        bool | None, option("--prompt/--no-prompt", help="Ask questions, or never; default: on a terminal.")
    ] = None,
    version: Annotated[
        bool, option("--version", "-v", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Run and observe workflows."""
    from ostinato.cli.output import choices

    choices.prompt, choices.json = prompt, False


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 for success, 1 for every problem."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code; known problems are told in one line."""
    _respect_colors()
    if asked := os.environ.get("_OSTINATO_COMPLETE"):
        return _complete(asked)
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            code = typer.main.get_command(app).main(arguments, prog_name="ostinato", standalone_mode=False)
        except (click.Abort, KeyboardInterrupt):
            click.echo("Aborted.", err=True)
            return 1
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            return 0
        except click.UsageError as error:
            _show_usage_error(error)
            return 1
        except click.ClickException as error:
            _show_error(error.format_message())
            return 1
        except _settings_errors() as error:
            _show_error(str(error))
            return 1
    return code if isinstance(code, int) else 0


def _complete(asked: str) -> int:
    """Answer a shell that wants to complete a command line."""
    from click.shell_completion import BashComplete, FishComplete, ZshComplete, add_completion_class, shell_complete

    warnings.simplefilter("ignore")
    for kind in (BashComplete, ZshComplete, FishComplete):  # what else is imported may have put its own there
        add_completion_class(kind)
    return shell_complete(typer.main.get_command(app), {}, "ostinato", "_OSTINATO_COMPLETE", asked)


def _settings_errors() -> type[Exception]:
    # An expression of an `except` is evaluated only when something was raised: the import costs nothing before.
    from ostinato.settings import SettingsError

    return SettingsError


def _show_error(message: str) -> None:
    from ostinato.cli.output import show_error

    show_error(message)


def _respect_colors() -> None:
    """Let the help, which is shown before settings are read, follow the environment's choice of colours."""
    wanted = os.environ.get("OSTINATO_CLI_COLORS") or os.environ.get("PREFECT_CLI_COLORS") or "true"
    if wanted.lower() in {"0", "false", "no", "off"}:
        os.environ["NO_COLOR"] = "1"


def _show_warning(message: Warning | str, *_: object) -> None:
    from ostinato.cli.output import warn

    warn(str(message))


def _show_usage_error(error: click.UsageError) -> None:
    from typer.rich_utils import rich_format_error

    rich_format_error(error)
