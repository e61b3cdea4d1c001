"""`ostinato server maintenance`: lets clients wait while something is done to the server or its database."""

import json
from typing import Annotated

from ostinato_server.cli.http import NoAnswer, call, target
from ostinato_server.cli.output import fail, say, succeed
from ostinato_server.cli.params import new_group, option

maintenance_app = new_group("Let clients wait while the server is maintained.")

PATH = "/admin/maintenance"


@maintenance_app.command("on")
def on(
    message: Annotated[str | None, option("--message", "-m", help="What clients are told.")] = None,
    retry_after: Annotated[float, option("--retry-after", min=1, max=300, help="Seconds until they ask again.")] = 5,
) -> None:
    """Tell clients to wait: flows that run go on, and send what they have to say when maintenance is over."""
    wanted = {"retry_after": retry_after} | ({"message": message} if message else {})
    _ask("PUT", wanted)
    succeed("Maintenance is on: clients wait until `ostinato server maintenance off`.")


@maintenance_app.command("off")
def off() -> None:
    """Serve clients again."""
    _ask("DELETE")
    succeed("Maintenance is off.")


@maintenance_app.command("status")
def status(output: Annotated[str | None, option("--output", "-o", help="json")] = None) -> None:
    """Tell whether there is maintenance."""
    if output is not None and output.lower() != "json":
        fail("Only 'json' output format is supported.")
    found = _ask("GET")
    assert isinstance(found, dict)
    if output is not None:
        say(json.dumps(found, indent=2))
    elif found["is_on"]:
        say(f"Maintenance is on since {found['since']}: {found['message']}")
    else:
        say("Maintenance is off.")


def _ask(method: str, body: object = None) -> object:
    api = target()
    try:
        return call(f"{api.url}{PATH}", method=method, body=body, authorization=api.authorization)
    except NoAnswer as error:
        fail(f"The server at {api.url} cannot be asked ({error.message}): look at `ostinato server status`.")
