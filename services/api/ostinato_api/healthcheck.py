"""`python -m ostinato_api.healthcheck`: exit code 0 if the API in this container is ready, 1 and why if it is not."""

import http.client
import sys

from ostinato_core.settings import server_settings

PATIENCE = 2.0
"""Seconds for an answer."""


def main() -> int:
    """Return the exit code."""
    settings = server_settings()
    connection = http.client.HTTPConnection("127.0.0.1", settings.api_port, timeout=PATIENCE)
    try:
        connection.request("GET", f"{settings.api_base_path.rstrip('/')}/ready")
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


if __name__ == "__main__":
    sys.exit(main())
