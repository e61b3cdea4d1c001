"""`python -m ostinato_api.healthcheck`: exit code 0 if the API in this container is ready, 1 and why if it is not.

Imports little, because it is run every few seconds: the settings alone would cost four times as much as all of it.
"""

import http.client
import os
import sys

PATIENCE = 5.0
"""Seconds for an answer."""


def main() -> int:
    """Return the exit code."""
    connection = http.client.HTTPConnection("127.0.0.1", int(_setting("PORT", "4200")), timeout=PATIENCE)
    try:
        connection.request("GET", f"{_setting('BASE_PATH', '/api').rstrip('/')}/ready")
        answer = connection.getresponse()
        told = answer.read(200).decode(errors="replace")
    except OSError as error:
        sys.stderr.write(f"The API does not answer: {error}\n")
        return 1
    finally:
        connection.close()
    if answer.status != 200:
        sys.stderr.write(f"The API is not ready: {told}\n")
    return int(answer.status != 200)


def _setting(name: str, default: str) -> str:
    """Return a setting of the API from the environment, by either of its names, as the server itself reads it."""
    names = (f"{product}_SERVER_API_{name}" for product in ("OSTINATO", "PREFECT"))
    return next((value for value in map(os.environ.get, names) if value), default)


if __name__ == "__main__":
    sys.exit(main())
