"""The settings of a server command: the environment, overridden by options."""

from pydantic import ValidationError

from ostinato_core.settings import ServerSettings
from ostinato_server.cli.output import fail


def read(**options: object) -> ServerSettings:
    """Return the settings of the environment with those options that are not None; ends the command where one is bad.

    Read anew each time, so that options cannot leak into another reader of the process's settings.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        settings = ServerSettings()
        return settings.model_copy(update=given) if given else settings
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        names = ".".join(str(part) for part in first["loc"])
        fail(f"The setting {names} is not valid: {first['msg']}.")
