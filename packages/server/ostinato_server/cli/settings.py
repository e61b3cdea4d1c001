"""The settings of a server command: the environment, overridden by options."""

from typing import TYPE_CHECKING

from ostinato_server.cli.output import fail

if TYPE_CHECKING:
    from ostinato_core.settings import ServerSettings


def read(**options: object) -> "ServerSettings":
    """Return the settings of the environment with those options that are not None; ends the command where one is bad.

    Read anew each time, so that options do not leak into another reader of the process's settings.
    """
    from pydantic import ValidationError

    from ostinato_core.settings import ServerSettings

    given = {name: value for name, value in options.items() if value is not None}
    try:
        return ServerSettings().model_copy(update=given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        message = first["msg"].removeprefix("Value error, ")
        fail(f"The setting {'.'.join(map(str, first['loc']))} is not valid: {message}.")
