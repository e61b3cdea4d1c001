"""`python -m ostinato_scheduler`: the loops in a process of their own, until SIGINT or SIGTERM."""

import asyncio
import sys

from ostinato_core.errors import Fact
from ostinato_core.json_log import configure_logging
from ostinato_core.settings import server_settings
from ostinato_scheduler.app import serve


def main() -> int:
    """Return the exit code."""
    settings = server_settings()
    configure_logging(settings.logging_level)
    try:
        asyncio.run(serve(settings))
    except Fact as fact:
        sys.stderr.write(f"{fact}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
