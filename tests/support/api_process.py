"""An API process as the stack runs it."""

import sys

from tests.support.server import Server


class ApiProcess(Server):
    """An API without loops, under gunicorn; its database is migrated by others."""

    def command(self) -> list[str]:
        """The command line that serves on this port."""
        program = [sys.executable, "-m", "gunicorn"]
        return [*program, "-c", "python:ostinato_api.gunicorn", "ostinato_api.gunicorn:application"]

    def settings(self) -> dict[str, str]:
        """The environment variables that name address, home and database."""
        return super().settings() | {"OSTINATO_SERVER_API_PORT": str(self.port)}
