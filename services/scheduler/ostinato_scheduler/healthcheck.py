"""`python -m ostinato_scheduler.healthcheck`: whether the loops of this container are well, by its exit code.

Prints what `/health` says. Imports little, because it is run every few seconds.
"""

import os
import sys
import urllib.error
import urllib.request

ANSWERS_WITHIN = 5.0
"""Seconds in which the process has to answer."""


def main() -> int:
    """Return 0 where all loops are well, 1 where not, or where nobody answers."""
    port = os.environ.get("OSTINATO_SERVICES_HEALTH_PORT")
    if not port:
        sys.stderr.write("OSTINATO_SERVICES_HEALTH_PORT is not set: the loops do not tell how they fare.\n")
        return 1
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://127.0.0.1:{port}/health", timeout=ANSWERS_WITHIN) as answer:
            sys.stdout.write(answer.read().decode() + "\n")
    except urllib.error.HTTPError as error:
        with error:
            sys.stderr.write(error.read().decode() + "\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"Nobody answers on port {port}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
