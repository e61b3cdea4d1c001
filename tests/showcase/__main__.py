"""`python -m tests.showcase COMMAND`: take pictures or figures of the web UI, with a server of its own; or serve it."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.showcase import figures, past, runs
from tests.showcase.objects import Showcase
from tests.showcase.scripts import run_script
from tests.support.server import Server


def main() -> int:
    """Return the status of the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.showcase", description=__doc__)
    parser.add_argument("command", choices=["screenshots", "figures", "serve"])
    options, more = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="showcase-") as folder:
        home = Path(folder)
        server = Server(home, f"sqlite+aiosqlite:///{home / 'server.db'}")
        try:
            if options.command == "figures":
                return figures.main(server, more)
            server.start()
            return _show(options.command, server, home, more)
        finally:
            server.stop()


def _show(command: str, server: Server, home: Path, more: list[str]) -> int:
    showcase = Showcase(server.api_url)
    showcase.set_up()
    stories = runs.run_all(showcase, home)
    server.stop()
    past.tell(home / "server.db", stories)
    server.start()
    showcase.beat()
    waiting = runs.start_waiting(showcase, home)
    showcase.find()
    try:
        if command == "serve":
            print(server.url, flush=True)
            waiting.wait()
            return 0
        return run_script(command, server, showcase.ids, more)
    finally:
        waiting.kill()
        waiting.wait()


if __name__ == "__main__":
    sys.exit(main())
