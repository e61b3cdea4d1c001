"""`python -m ostinato_server`: the one process, without the command line of the SDK."""

import argparse
import os
import signal
import sys
from threading import Thread

from ostinato_core.errors import Fact
from ostinato_core.settings import server_settings
from ostinato_server.process import StartError, run


def main() -> int:
    """Serve until stopped; return the exit code."""
    parser = argparse.ArgumentParser(prog="ostinato_server", description="Run the Ostinato server in one process.")
    parser.add_argument("--host", help="address to listen on")
    parser.add_argument("--port", help="port to listen on")
    parser.add_argument("--ephemeral", action="store_true", help="stop when the standard input ends")
    options = parser.parse_args()
    if options.ephemeral:
        Thread(target=_stop_with_parent, name="parent-watch", daemon=True).start()
    for name, value in (("OSTINATO_SERVER_API_HOST", options.host), ("OSTINATO_SERVER_API_PORT", options.port)):
        if value is not None:
            os.environ[name] = value
    try:
        run(server_settings())
    except (StartError, Fact) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _stop_with_parent() -> None:
    """Stop this process when its standard input ends: the process at the other end of the pipe is gone."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
