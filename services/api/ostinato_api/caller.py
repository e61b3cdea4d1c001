"""Who calls: what the headers of a request say about its client."""

import base64
import binascii
import math
import re
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from ostinato_core.errors import Unacceptable
from ostinato_core.orchestration.transition import NEWEST_API_VERSION, Proposer
from ostinato_wire import API_VERSION

_OLDEST = (0, 8, 0)
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_CLIENT = re.compile(r"(prefect|ostinato)/(\d+\.\d+\.\d+\S*)")


@dataclass(frozen=True, slots=True)
class Caller(Proposer):
    """Who calls, in its own words, and so who proposes what it asks for.

    `client_version` is None for a client that does not say what it is; `worker_name` is told by workers and by the
    processes that they start, `heartbeat` by processes of flow runs.
    """

    created_by: dict[str, str] | None = None
    is_reference: bool = False
    """Whether it is the reference's client, which takes nothing that it does not know."""


def read_caller(request: web.Request) -> Caller:
    """Return the caller of a request. Errors: Unacceptable for an API version that is malformed or too old."""
    headers = request.headers
    stated = headers.get("X-PREFECT-API-VERSION")
    client = _CLIENT.match(headers.get("User-Agent", ""))
    return Caller(
        NEWEST_API_VERSION if stated is None or stated == API_VERSION else _api_version(stated),
        client.group(2) if client else None,
        headers.get("X-Prefect-Worker-Name"),
        _seconds(headers.get("X-Ostinato-Heartbeat")),
        _creator(headers.get("Prefect-Automation-Id"), headers.get("Prefect-Automation-Name")),
        client is not None and client.group(1) == "prefect" and "X-Ostinato-Version" not in headers,
    )


def _api_version(stated: str) -> tuple[int, ...]:
    match = _VERSION.fullmatch(stated)
    if match is None:
        raise Unacceptable(
            f"Invalid X-PREFECT-API-VERSION header format.Expected header in format 'x.y.z' but received {stated}"
        )
    version = (int(match[1]), int(match[2]), int(match[3]))
    if version < _OLDEST:
        raise Unacceptable(
            f"The request specified API version {stated} but this server requires version 0.8.0 or higher."
        )
    return version


def _seconds(stated: str | None) -> float | None:
    try:
        seconds = float(stated) if stated else 0.0
    except ValueError:
        return None
    return seconds if 0 < seconds < math.inf else None


def _creator(automation_id: str | None, name: str | None) -> dict[str, str] | None:
    if automation_id is None or name is None:
        return None
    try:
        display = base64.b64decode(name, validate=True).decode()
        return {"id": str(UUID(automation_id)), "type": "AUTOMATION", "display_value": display}
    except (ValueError, binascii.Error):
        return None
