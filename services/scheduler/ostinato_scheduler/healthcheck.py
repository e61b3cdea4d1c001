"""`python -m ostinato_scheduler.healthcheck`: whether the loops of this container are well, by its exit code.

Prints what `/health` says. Imports little, because it is run every few seconds.
"""

import sys

from ostinato_core.environment import read_setting
from ostinato_core.probe import probe


def main() -> int:
    """Return 0 where all loops are well, 1 where not, or where nobody answers."""
    port = read_setting("SERVICES_HEALTH_PORT")
    if port is None:
        sys.stderr.write("OSTINATO_SERVICES_HEALTH_PORT is not set: the loops do not tell how they fare.\n")
        return 1
    return probe(port, "/health")


if __name__ == "__main__":
    sys.exit(main())
