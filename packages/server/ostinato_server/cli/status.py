"""`ostinato server status`: whether a server answers, by plain HTTP."""

import json
import time
from typing import Annotated

import typer

from ostinato_server.cli.http import NoAnswer, Target, target
from ostinato_server.cli.output import fail, say, succeed
from ostinato_server.cli.params import option

LOOK_EVERY = 1.0


def status(
    wait: Annotated[bool, option("--wait", help="Look again every second until it answers.")] = False,
    timeout: Annotated[float, option("--timeout", "-t", min=0, help="Seconds to wait; 0 is for ever.")] = 0,
    output: Annotated[str | None, option("--output", "-o", help="json")] = None,
) -> None:
    """Tell whether the server answers."""
    if output is not None and output.lower() != "json":
        fail("Only 'json' output format is supported.")
    api = target()
    if output is None:
        say(f"Connecting to server at {api.url}...")
    deadline = time.monotonic() + timeout if timeout else None
    while True:
        try:
            version = api.version()
        except NoAnswer as error:
            over = deadline is not None and time.monotonic() + LOOK_EVERY > deadline
            if wait and not over:
                time.sleep(LOOK_EVERY)
                continue
            _report_absence(api, error.message, timeout if wait else None, as_json=output is not None)
        else:
            return _report(api, version, as_json=output is not None)


def _report(api: Target, version: str, *, as_json: bool) -> None:
    if as_json:
        say(json.dumps({"status": "available", "api_url": api.url, "server_version": version}, indent=2))
        return
    succeed("Server is available.")
    say(f"  API URL: {api.url}\n  Compatible with: Prefect {version}")


def _report_absence(api: Target, reason: str, timeout: float | None, *, as_json: bool) -> None:
    if as_json:
        seen: dict[str, object] = {"status": "unavailable" if timeout is None else "timed_out", "api_url": api.url}
        if timeout is not None:
            seen["timeout"] = timeout
        say(json.dumps(seen | {"error": reason}, indent=2))
        raise typer.Exit(1)
    if timeout is not None:
        fail(f"The server did not answer within {timeout:g} seconds ({reason}).")
    fail(f"The server is not available ({reason}): start one with `ostinato server start`.")
