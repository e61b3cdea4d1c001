"""Names of settings in the environment, and the few values that are read without the settings' own machinery.

The standard library only: what is run every few seconds, as the health checks of containers are, must import little.
"""

import os
from typing import Final

API_PORT: Final = 4200
"""The port on which the API listens where none is set."""
API_BASE_PATH: Final = "/api"
"""The path under which the API is served where none is set."""


def setting_names(path: str, *older: str) -> list[str]:
    """Return the names of a setting, the first that is set counts: `OSTINATO_<PATH>`, `PREFECT_<PATH>`, older ones."""
    names = [path, *older]
    return [f"OSTINATO_{name}" for name in names] + [f"PREFECT_{name}" for name in names]


def read_setting(path: str, *older: str) -> str | None:
    """Return what the environment says of a setting, unread; None where it is absent or empty."""
    given = (os.environ.get(name) for name in setting_names(path, *older))
    return next((value for value in given if value), None)
