"""One API process as the stack runs it: gunicorn with a worker, without loops, on a migrated database."""

import sys

from tests.support.server import Server


class ApiProcess(Server):
    """An API without loops."""

    def command(self) -> list[str]:
        """The command line that serves on this port."""
        config = ["-c", "python:ostinato_api.gunicorn", "ostinato_api.gunicorn:application"]
        return [sys.executable, "-m", "gunicorn", *config]

    def settings(self) -> dict[str, str]:
        """The environment variables that name address, home and database."""
        return super().settings() | {"OSTINATO_SERVER_API_PORT": str(self.port)}
