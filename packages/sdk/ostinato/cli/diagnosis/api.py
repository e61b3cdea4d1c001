"""Does the API answer, and as what: health, credentials, versions, maintenance, clock, distance, what lies between."""

import statistics
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, cast

import httpx
import orjson

from ostinato.cli.diagnosis.target import Target, origin
from ostinato.cli.diagnosis.verdict import Verdict, failed, ok, skipped, warning
from ostinato.client.errors import without_credentials
from ostinato.client.retries import is_maintenance
from ostinato.client.versions import SPOKEN_VERSION, own_version, parse_version
from ostinato_wire import API_VERSION
from ostinato_wire.base import Json

MOST_SKEW: Final = 5.0
"""Seconds by which two clocks may differ."""
ROUND_TRIPS: Final = 5
FAR: Final = 0.5
"""Seconds for a round trip above which every task feels the distance."""
_NOTHING = "no credentials"
_PATH_HINT = "Does OSTINATO_API_URL have the right path? It usually ends with /api, after the base path of a proxy."


def health(target: Target) -> Verdict:
    """Say whether the API answers."""
    answer = target.get_health()
    if is_maintenance(answer):
        return ok("the server answers that it is maintained")
    if answer.history:
        ended = without_credentials(answer.url).removesuffix("/health")
        return warning(
            f"the URL redirects to {ended}", f"Set it directly: ostinato config set OSTINATO_API_URL={ended}"
        )
    if answer.status_code in {401, 403}:
        return ok(f"the server answers (status {answer.status_code}: even here it asks for credentials)")
    if answer.status_code in {502, 503, 504}:
        remedy = f"{_who(answer)} is there, but the API behind it is not: look at its containers and their logs."
        return failed(f"status {answer.status_code}", remedy)
    if answer.status_code != 200:
        return failed(f"status {answer.status_code} from {_who(answer)}", _PATH_HINT)
    if _json(answer) is not True:
        return failed("what answers is not this API", _PATH_HINT)
    return ok("the API answers")


def ready(target: Target) -> Verdict:
    """Say whether the API reaches its database."""
    answer = target.get("/ready")
    if answer.status_code == 200:
        return ok("the API reaches its database")
    if is_maintenance(answer) or answer.status_code != 503:
        return skipped(f"the server does not say (status {answer.status_code})")
    return failed("the API cannot reach its database", "Look at the server's log and at its database.")


def credentials(target: Target) -> Verdict:
    """Say whether the server takes the credentials in force."""
    answer = target.get("/admin/version")
    api = target.settings.api
    if api.auth_string is not None:
        sent = f"the password from {origin('OSTINATO_API_AUTH_STRING')}"
    else:
        sent = f"the key from {origin('OSTINATO_API_KEY')}" if api.key is not None else _NOTHING
    if answer.status_code in {401, 403}:
        said = "asks for credentials, and none are set" if sent == _NOTHING else f"refuses {sent}"
        return failed(f"the server {said} (status {answer.status_code})", _credentials_remedy(target, answer))
    if is_maintenance(answer):
        return skipped("not looked at by a server that is maintained")
    if answer.status_code == 404:
        return ok(f"the server does not refuse {sent}")
    if answer.status_code != 200:
        return failed(
            f"status {answer.status_code}", "The API answers, but not as it should: look at the server's log."
        )
    version = _json(answer)
    target.version = version if isinstance(version, str) else None
    if sent == _NOTHING:
        return ok("none are sent, and none are asked for")
    return ok(f"the server takes {sent}")


def _credentials_remedy(target: Target, answer: httpx.Response) -> str:
    api = target.settings.api
    asked = answer.headers.get("WWW-Authenticate", "")
    if asked and "basic" in asked.lower() and answer.headers.get("Server", "").lower().startswith(("nginx", "caddy")):
        return "A proxy in front asks for a password of its own: set OSTINATO_API_AUTH_STRING, or let it pass /api on."
    if api.auth_string is not None:
        text = api.auth_string.get_secret_value()
        form = "" if ":" in text else " (it lacks the colon of `user:password`)"
        where = origin("OSTINATO_API_AUTH_STRING")
        return f"Correct {where}{form}: it must equal the server's OSTINATO_SERVER_API_AUTH_STRING."
    if api.key is not None:
        return f"Correct {origin('OSTINATO_API_KEY')}; a server with a password wants OSTINATO_API_AUTH_STRING instead."
    return "Set the server's password: ostinato config set OSTINATO_API_AUTH_STRING=USER:PASSWORD"


def versions(target: Target) -> Verdict:
    """Say which wire both sides speak."""
    if target.version is None:
        return skipped("the server does not tell its version")
    answer = target.get("/version")
    told = _json(answer)
    wire = told if answer.status_code == 200 and isinstance(told, str) else "?"
    mine = f"this is ostinato {own_version()}, which speaks {SPOKEN_VERSION} (API {API_VERSION})"
    found = f"the server speaks {target.version} (API {wire}); {mine}"
    theirs, own = parse_version(target.version), parse_version(SPOKEN_VERSION)
    if theirs[:1] != own[:1]:
        return failed(found, "Use a client and a server of the same major version.")
    if theirs < own:
        return warning(found, "The server is older than what this client speaks; some functions may lack: upgrade it.")
    return ok(found)


def maintenance(target: Target) -> Verdict:
    """Say whether clients are told to wait."""
    answer = target.get("/hello")
    if not is_maintenance(answer):
        return ok("off")
    told = _json(answer)
    message = (
        str(cast(dict[str, Json], told).get("detail") or "") if isinstance(told, dict) else ""
    )  # an object of JSON
    remedy = "Clients wait until it is over; its operator ends it with `ostinato server maintenance off`."
    return warning(f"on: {message or 'no reason is given'}", remedy)


def clock(target: Target) -> Verdict:
    """Say by how much the two clocks differ."""
    if target.health is None or target.health_at is None:
        return skipped("no answer to compare with")
    try:
        told = parsedate_to_datetime(target.health.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return skipped("the server's answers bear no date")
    # The header has whole seconds, cut: on average half a second less than it was.
    skew = (target.health_at - told).total_seconds() - 0.5
    if abs(skew) > MOST_SKEW:
        found = f"this machine's clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the server's"
        return warning(found, "Let both machines follow NTP (`timedatectl`): schedules and logs go by these clocks.")
    return ok("both clocks agree to some seconds")


def round_trip(target: Target) -> Verdict:
    """Say how long an exchange takes on an open connection."""
    seconds: list[float] = []
    for _ in range(ROUND_TRIPS):
        began = time.perf_counter()
        target.get("/health")
        seconds.append(time.perf_counter() - began)
    middle = statistics.median(seconds)
    found = f"{middle * 1000:.1f} ms (median of {ROUND_TRIPS})"
    if middle > FAR:
        return warning(found, "Run flows nearer to the server, or look for what slows the way or the server.")
    return ok(found)


def between(target: Target) -> Verdict:
    """Say who answers, and whether answers come compressed. Asks for the settings, since they are long."""
    answer = target.get("/admin/settings")
    encoding = answer.headers.get("Content-Encoding")
    via = answer.headers.get("Via")
    passed = f", passed on by {via}" if via else ""
    return ok(f"{_who(answer)} answers{passed}, {f'compressed ({encoding})' if encoding else 'not compressed'}")


def unreachable(target: Target, error: Exception) -> Verdict:
    """Return what is to be said of a request that had no answer."""
    reason = str(error) or type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        remedy = "The server is overloaded, or something between swallows requests: look at its log and its /metrics."
        return failed("no answer in time", remedy)
    if isinstance(error, httpx.ProxyError):
        return failed(f"the proxy refuses: {reason}", "Look at HTTPS_PROXY and HTTP_PROXY, or exempt by NO_PROXY.")
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError) and not target.is_secure:
        return failed(
            f"what answers is no HTTP: {reason}", "Is it a port for TLS? Then OSTINATO_API_URL needs https://."
        )
    return failed(reason, f"Look at the server's log, and at {origin('OSTINATO_API_URL')}.")


def _who(answer: httpx.Response) -> str:
    return answer.headers.get("Server") or "a server that does not tell its name"


def _json(answer: httpx.Response) -> Json:
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return None
