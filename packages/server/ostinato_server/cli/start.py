"""`ostinato server start`: in the foreground until Ctrl-C, or in the background."""

import sys
import time
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ostinato_core.errors import Fact, Unavailable
from ostinato_server.cli.output import facts_as_lines, fail, say, succeed
from ostinato_server.cli.params import option

if TYPE_CHECKING:
    from ostinato_core.settings import ServerSettings

STARTS_WITHIN = 60.0
"""Seconds that a server in the background is given to answer."""
LOOK_EVERY = 0.1


class Level(StrEnum):
    """Levels of the server's log."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


def start(
    host: Annotated[str | None, option(help="Address to listen on; default: 127.0.0.1.")] = None,
    port: Annotated[int | None, option(min=0, max=65535, help="Port; 0 takes a free one; default: 4200.")] = None,
    keep_alive_timeout: Annotated[
        int | None, option(min=1, help="Seconds for which an idle connection is kept open; default: 75.")
    ] = None,
    log_level: Annotated[
        Level | None, option(case_sensitive=False, help="Level of the server's log; default: WARNING.")
    ] = None,
    scheduler: Annotated[
        bool | None, option("--scheduler/--no-scheduler", help="Make the runs that schedules ask for; default: yes.")
    ] = None,
    late_runs: Annotated[
        bool | None, option("--late-runs/--no-late-runs", help="Mark runs as late; default: yes.")
    ] = None,
    no_services: Annotated[bool, option("--no-services", help="The API only, without background loops.")] = False,
    ui: Annotated[bool | None, option("--ui/--no-ui", help="Serve the web UI; default: yes.")] = None,
    workers: Annotated[
        int | None,
        option(min=1, help="Processes of the API; several need PostgreSQL and Redis, and run no loops; default: 1."),
    ] = None,
    background: Annotated[bool, option("--background", "-b", help="Return once it runs.")] = False,
) -> None:
    """Start a server: API, background loops and web UI in one process."""
    from ostinato_server.cli.settings import read

    settings = read(
        api_host=host,
        api_port=port,
        api_keepalive_timeout=keep_alive_timeout,
        logging_level=log_level.value if log_level else None,
        ui_enabled=ui,
        scheduler_enabled=scheduler,
        late_runs_enabled=late_runs,
        api_workers=workers or 1,
    )
    with facts_as_lines():
        if settings.api_workers > 1:
            from ostinato_server.cli.workers import check_shared

            check_shared(settings)
        if background:
            _in_background(settings, services=not no_services)
        else:
            _in_foreground(settings, services=not no_services)


def _in_foreground(settings: "ServerSettings", *, services: bool) -> None:
    from ostinato_server.process import StartError, run

    try:
        _choose_port(settings)
        if settings.api_workers > 1:
            from ostinato_server.cli.workers import become_workers

            _greet(settings, "Ctrl-C stops it. `ostinato server services start` runs the background loops.")
            become_workers(settings)
        run(
            settings,
            services=services,
            announce=lambda: _greet(settings, "Ctrl-C stops it."),
        )
    except StartError as error:
        fail(str(error))
    say("Server stopped!")


def _choose_port(settings: "ServerSettings") -> None:
    """Put a free port in place of 0. Errors: StartError where the address cannot be listened on."""
    from ostinato_server.process import bind

    with bind(settings.api_host, settings.api_port) as listener:
        settings.api_port = listener.getsockname()[1]


def _in_background(settings: "ServerSettings", *, services: bool) -> None:
    from ostinato_server.cli.background import SERVER, open_new
    from ostinato_server.process import StartError

    with open_new(settings.home, SERVER) as file:
        if not file.lock():
            fail("A server is already running in the background: stop it with `ostinato server stop`.")
        try:
            _choose_port(settings)
        except StartError as error:
            file.remove()
            fail(str(error))
        child = file.launch(_command(settings, services=services))
        try:
            _await_health(settings, child.poll)
        except Fact:
            child.terminate()
            child.wait(STARTS_WITHIN)
            file.remove()
            raise
    _greet(settings, "It runs in the background; `ostinato server stop` stops it.")


def _command(settings: "ServerSettings", *, services: bool) -> list[str]:
    options = {
        "--host": settings.api_host,
        "--port": settings.api_port,
        "--keep-alive-timeout": settings.api_keepalive_timeout,
        "--log-level": settings.logging_level.upper(),
        "--workers": settings.api_workers,
    }
    switches = {
        "ui": settings.ui_enabled,
        "scheduler": settings.scheduler_enabled,
        "late-runs": settings.late_runs_enabled,
    }
    flags = [f"--{name}" if is_on else f"--no-{name}" for name, is_on in switches.items()]
    flags += [] if services else ["--no-services"]
    given = [str(word) for option in options.items() for word in option]
    return [sys.executable, "-m", "ostinato_server.cli", "start", *given, *flags]


def _await_health(settings: "ServerSettings", ended: "Callable[[], int | None]") -> None:
    from ostinato_server.cli.http import NoAnswer, call

    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            call(f"{_api_url(settings)}/health", seconds=1.0, proxies=False)
        except NoAnswer:
            if ended() is not None:
                raise Unavailable(
                    "The server ended at once: `ostinato server start` without --background shows why."
                ) from None
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"The server did not answer within {STARTS_WITHIN:.0f} seconds and was stopped: `ostinato server "
                    "start` without --background shows why."
                ) from None
            time.sleep(LOOK_EVERY)
        else:
            return


def _api_url(settings: "ServerSettings") -> str:
    from ostinato_server.cli.address import base_url

    return base_url(settings.api_host, settings.api_port) + settings.api_base_path


def _greet(settings: "ServerSettings", how_to_stop: str) -> None:
    url = _api_url(settings)
    typer.secho("\n  Ostinato is here", bold=True)
    say(f"\n  API   {url}\n  Docs  {url}/docs\n")
    say("  Point a client at it:")
    succeed(f"    export OSTINATO_API_URL={url}")
    say("  or an unmodified Prefect client:")
    succeed(f"    export PREFECT_API_URL={url}")
    say(f"\n  {how_to_stop}\n")
