"""What the health checks of containers ask: whether the process beside them answers well."""

import http.client
import sys
from typing import Final

PATIENCE: Final = 5.0
"""Seconds for an answer; the containers wait for a check for ten."""
_SHOWN: Final = 2000


def probe(port: str | int, path: str) -> int:
    """Ask this machine on a port; return the exit code 0 for a 200, else 1. Tells what was answered, or why nothing."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        told = answer.read(_SHOWN).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"Nobody answers on port {port}: {error}\n")
        return 1
    finally:
        connection.close()
    is_well = answer.status == http.client.OK
    (sys.stdout if is_well else sys.stderr).write(f"{told}\n")
    return 0 if is_well else 1
