"""Do the five websockets stand: each is opened and authenticated as the SDK does it, and closed again."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from ostinato.cli.diagnosis.target import PATIENCE, Target
from ostinato.cli.diagnosis.verdict import Verdict, failed, ok, warning
from ostinato.client.sockets import SUBPROTOCOL, TRANSPORT_ERRORS, SocketAuthenticationFailed, open_socket

NO_SUCH_POOL: Final = "ostinato-doctor-has-no-such-pool"
"""The channel of workers is opened for this work pool; without a hello of a worker nothing is made or changed."""

SOCKETS: Final = {
    "events-in": "/events/in",
    "events-out": "/events/out",
    "logs-out": "/logs/out",
    "task-runs": "/task_runs/subscriptions/scheduled",
    "workers": f"/work_pools/{NO_SUCH_POOL}/workers/connect",
}
"""Name of the check -> path below the API URL."""

_UPGRADE = (
    "A proxy in front must pass this path on with its `Upgrade` and `Connection` headers "
    "(docs/user/behind_another_proxy.md)."
)
_CREDENTIALS = "Websockets take OSTINATO_API_AUTH_STRING: it must equal the server's OSTINATO_SERVER_API_AUTH_STRING."


def looking_at(name: str) -> Callable[[Target], Verdict]:
    """Return the check of one websocket. The first that is asked for opens all of them at once."""

    def look(target: Target) -> Verdict:
        if not target.sockets:
            target.sockets.update(asyncio.run(_open_all(target)))
        return target.sockets[name]

    return look


async def _open_all(target: Target) -> dict[str, Verdict]:
    verdicts = await asyncio.gather(*(_open(target, name, path) for name, path in SOCKETS.items()))
    return dict(zip(SOCKETS, verdicts, strict=True))


async def _open(target: Target, name: str, path: str) -> Verdict:
    began = time.monotonic()
    try:
        async with asyncio.timeout(2 * PATIENCE), open_socket(target.settings, target.url, path) as socket:
            taken = time.monotonic() - began
            protocol = socket.subprotocol
    except SocketAuthenticationFailed as error:
        return failed(f"{path}: {error}", _CREDENTIALS)
    except InvalidStatus as error:
        return _refused(name, path, error.response.status_code)
    except TimeoutError:
        return failed(f"{path}: no answer to the handshake in time", _UPGRADE)
    except InvalidHandshake as error:
        return failed(f"{path}: no websocket: {error}", _UPGRADE)
    except ConnectionClosed as error:
        told = f"{error.rcvd.code} {error.rcvd.reason}".strip() if error.rcvd is not None else "without a word"
        return failed(f"{path}: closed during the handshake ({told})", _UPGRADE)
    except TRANSPORT_ERRORS as error:
        return failed(f"{path}: {error or type(error).__name__}", _UPGRADE)
    if protocol != SUBPROTOCOL:
        remedy = "A proxy in front must pass on `Sec-WebSocket-Protocol` (docs/user/behind_another_proxy.md)."
        return failed(f"{path}: opened without the sub-protocol {SUBPROTOCOL!r}", remedy)
    return ok(f"{path.replace(NO_SUCH_POOL, '...')} opens and authenticates ({taken * 1000:.0f} ms)")


def _refused(name: str, path: str, status: int) -> Verdict:
    if name == "workers" and status in {404, 405}:
        remedy = "Nothing need be done: workers of such a server send heartbeats by HTTP. Else: " + _UPGRADE
        return warning(f"{path.replace(NO_SUCH_POOL, '...')}: the server has none (status {status})", remedy)
    if status in {401, 403}:
        return failed(f"{path}: refused (status {status})", _CREDENTIALS)
    return failed(f"{path}: answered with status {status}", _UPGRADE)
