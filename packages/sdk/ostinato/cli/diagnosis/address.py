"""Is there an address, and can it be reached: the API URL, proxies, DNS, TCP."""

import socket
import time
from importlib.util import find_spec
from queue import Empty, Queue
from threading import Thread
from urllib.parse import urlsplit

from ostinato.cli.diagnosis.target import PATIENCE, Place, Target, origin, place_of, proxy_variables
from ostinato.cli.diagnosis.verdict import Verdict, failed, ok, skipped, warning
from ostinato.client.errors import without_credentials
from ostinato.settings import SettingsError, get_current_settings

_SET_URL = "ostinato config set OSTINATO_API_URL=https://HOST/api"

Addresses = list[str] | OSError


def find_target() -> tuple[Verdict, Target | None]:
    """Return what is to be said of the API URL, and the server that it names; None where there is none to look at."""
    try:
        settings = get_current_settings()
    except SettingsError as error:
        remedy = "Correct it where it is set; `ostinato config view` shows where, `ostinato config validate` checks."
        return failed(" ".join(str(error).split()), remedy), None
    if settings.api.url is None:
        if settings.server.ephemeral.enabled:
            found = "none is set: each program starts a temporary server of its own, as profile or environment ask"
            return warning(found, f"For a server that stays: {_SET_URL}"), None
        return failed("none is set", f"Set it: {_SET_URL}"), None
    where = origin("OSTINATO_API_URL")
    place = place_of(urlsplit(settings.api.url))
    if place is None:
        return failed(f"it names no host and port (from {where})", f"Set it whole: {_SET_URL}"), None
    target = Target(settings, settings.api.url, place)
    return ok(f"{target.shown_url} (from {where})"), target


def proxy(target: Target) -> Verdict:
    """Say whether the way leads through a proxy."""
    variables = proxy_variables()
    exempt = f"Exempt it: export NO_PROXY={target.place.host} (beside what NO_PROXY has already)"
    for used in (target.proxy, target.socket_proxy):
        if used is not None and used.scheme.startswith("socks") and find_spec("socksio") is None:
            remedy = 'Install what speaks SOCKS: pip install "httpx[socks]" "python-socks[asyncio]"'
            return failed(f"{variables}: a SOCKS proxy, which nothing installed here speaks", remedy)
        if used is not None and place_of(used) is None:
            return failed(f"{variables}: a proxy is named without a host", "Write it as http://HOST:PORT.")
    if target.proxy is None and target.socket_proxy is None:
        return ok(f"not used for {target.place.host}" + (f" ({variables})" if variables else ""))
    if target.proxy != target.socket_proxy:
        remedy = f"Set HTTP_PROXY and HTTPS_PROXY alike, or none. {exempt}"
        return warning(f"HTTP and websockets go different ways ({variables})", remedy)
    if target.is_near:
        return warning(f"{target.place.host} is near, but is asked through a proxy ({variables})", exempt)
    return ok(f"through {target.next_hop} ({variables})")


def dns(target: Target) -> Verdict:
    """Say which addresses the name has: the proxy's, where there is one, since that one looks the server up."""
    hop = target.next_hop
    found = _resolve(hop)
    if isinstance(found, OSError):
        reason = found.strerror or str(found)
        remedy = f"Is the name right in {_named_in(target)}? Else mend the DNS (or hosts file) of this machine."
        return failed(f"{hop.host} is not known: {reason}", remedy)
    if found == [hop.host]:
        return skipped(f"{hop.host} is an address")
    return ok(f"{hop.host} is {', '.join(found)}")


def tcp(target: Target) -> Verdict:
    """Say whether somebody listens there."""
    hop = target.next_hop
    began = time.monotonic()
    try:
        socket.create_connection((hop.host, hop.port), timeout=PATIENCE).close()
    except ConnectionRefusedError:
        where = _named_in(target)
        remedy = f"Is the server running (`ostinato server status`, `docker compose ps`)? Is the port right in {where}?"
        return failed(f"nobody listens at {hop}", remedy)
    except TimeoutError:
        remedy = f"A firewall may be in the way, or the host in {_named_in(target)} is wrong."
        return failed(f"{hop} does not answer within {PATIENCE:g} s", remedy)
    except OSError as error:
        remedy = f"Look at this machine's network, and at {_named_in(target)}."
        return failed(f"{hop} cannot be reached: {error.strerror or error}", remedy)
    return ok(f"{hop} accepts connections ({(time.monotonic() - began) * 1000:.0f} ms)")


def _named_in(target: Target) -> str:
    if target.proxy is not None:
        return f"the proxy's variable ({without_credentials(target.proxy.geturl())})"
    return origin("OSTINATO_API_URL")


def _resolve(place: Place) -> list[str] | OSError:
    """Return the addresses of a host. The system's resolver knows no time limit, so a thread asks it."""
    answer: Queue[Addresses] = Queue()

    def ask() -> None:
        try:
            known = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except OSError as error:
            answer.put(error)
        except UnicodeError:
            answer.put(OSError(0, "not a possible name"))
        else:
            answer.put(list(dict.fromkeys(str(item[4][0]) for item in known)))

    Thread(target=ask, daemon=True).start()
    try:
        return answer.get(timeout=PATIENCE)
    except Empty:
        return TimeoutError(0, f"no answer within {PATIENCE:g} s")
