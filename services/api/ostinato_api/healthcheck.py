"""`python -m ostinato_api.healthcheck`: exit code 0 if the API in this container is ready, 1 and why if it is not.

Imports little, because it is run every few seconds.
"""

import sys

from ostinato_core.environment import API_BASE_PATH, API_PORT, read_setting
from ostinato_core.probe import probe


def main() -> int:
    """Return the exit code."""
    base = read_setting("SERVER_API_BASE_PATH") or API_BASE_PATH
    return probe(read_setting("SERVER_API_PORT") or API_PORT, f"{base.rstrip('/')}/ready")


if __name__ == "__main__":
    sys.exit(main())
