"""`ostinato server services`: the background loops: which there are, and running them without the API."""

import json
import os
import select
import sys
from typing import TYPE_CHECKING, Annotated

from ostinato_core.errors import Unavailable
from ostinato_server.cli.output import facts_as_lines, fail, say, succeed
from ostinato_server.cli.params import new_group, option
from ostinato_server.cli.settings import read

if TYPE_CHECKING:
    from ostinato_core.settings import ServerSettings

STARTS_WITHIN = 60.0
"""Seconds that loops in the background are given to begin: where the schema is missing, they wait for it."""

services_app = new_group("See the background loops, and run them without the API.")


@services_app.command("ls")
@services_app.command("list", hidden=True)
def list_services(output: Annotated[str | None, option("--output", "-o", help="json")] = None) -> None:
    """List the background loops, and which of them the settings let run."""
    if output is not None and output.lower() != "json":
        fail("Only 'json' output format is supported.")
    from ostinato_scheduler.loops import LOOPS, is_enabled

    settings = read()
    found = [
        {
            "name": loop.name,
            "enabled": is_enabled(loop, settings),
            "environment_variable": f"OSTINATO_SERVICES_{loop.setting.upper()}_ENABLED",
            "description": loop.description,
        }
        for loop in LOOPS
    ]
    if output is not None:
        say(json.dumps(found, indent=2))
    else:
        _print_table(found)


def _print_table(found: "list[dict[str, str | bool]]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Services", title_style="bold")
    table.add_column("Name", style="cyan", no_wrap=True)
    table.add_column("Enabled?", overflow="fold")
    table.add_column("Description")
    for each in found:
        mark = "[green]✓[/]" if each["enabled"] else "[red]x[/]"
        table.add_row(str(each["name"]), f"{mark} {each['environment_variable']}", str(each["description"]))
    # In a pipe nothing is gained by folding, and `grep` would lose what it looks for.
    Console(highlight=False, width=None if sys.stdout.isatty() or os.environ.get("COLUMNS") else 250).print(table)


@services_app.command("start")
@services_app.command("enable", hidden=True)
def start(
    background: Annotated[bool, option("--background", "-b", help="Return once they run.")] = False,
    announce_to: Annotated[int | None, option("--announce-to", hidden=True)] = None,
) -> None:
    """Run all enabled loops in one process, without the API."""
    settings = read()
    _check_any_enabled(settings)
    with facts_as_lines():
        if background:
            _in_background(settings)
        else:
            _in_foreground(settings, announce_to)


@services_app.command("stop")
@services_app.command("disable", hidden=True)
def stop() -> None:
    """Stop the loops that run in the background."""
    from ostinato_server.cli.background import SERVICES, stop_process

    stop_process(SERVICES)


def _check_any_enabled(settings: "ServerSettings") -> None:
    from ostinato_scheduler.loops import LOOPS, is_enabled

    if not any(is_enabled(loop, settings) for loop in LOOPS):
        fail("No service is enabled: `ostinato server services ls` shows which setting enables each.")


def _in_foreground(settings: "ServerSettings", announce_to: int | None) -> None:
    import asyncio

    import uvloop

    from ostinato_core.json_log import configure_logging
    from ostinato_scheduler.app import serve

    def announce() -> None:
        if announce_to is None:
            say("The services run; Ctrl-C stops them.")
        else:
            os.write(announce_to, b".")
            os.close(announce_to)

    configure_logging(settings.logging_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, announce=announce))
    if announce_to is None:
        say("Services stopped!")


def _in_background(settings: "ServerSettings") -> None:
    from ostinato_server.cli.background import SERVICES, open_new

    with open_new(settings.home, SERVICES) as file:
        if not file.lock():
            fail("Services are already running in the background: stop them with `ostinato server services stop`.")
        told, tell = os.pipe()
        command = [sys.executable, "-m", "ostinato_server.cli", "services", "start", "--announce-to", str(tell)]
        child = file.launch(command, keep=(tell,))
        os.close(tell)
        try:
            _await_word(told)
        except Unavailable:
            child.terminate()
            child.wait(STARTS_WITHIN)
            file.remove()
            raise
        finally:
            os.close(told)
    succeed("The services run in the background; `ostinato server services stop` stops them.")


def _await_word(told: int) -> None:
    """Wait until the process at the other end of a pipe says that it runs. Errors: Unavailable."""
    readable, _, _ = select.select([told], [], [], STARTS_WITHIN)
    if not readable:
        raise Unavailable(
            f"The services did not begin within {STARTS_WITHIN:.0f} seconds and were stopped: is the database there, "
            "and upgraded? `ostinato server services start` without --background shows more."
        )
    if os.read(told, 1) != b".":
        raise Unavailable(
            "The services ended at once: `ostinato server services start` without --background shows why."
        )
