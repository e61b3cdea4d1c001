"""The checks in their order, what each needs, and the walk through them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import httpx

from ostinato.cli.diagnosis import api
from ostinato.cli.diagnosis.address import dns, find_target, proxy, tcp
from ostinato.cli.diagnosis.sockets import SOCKETS, looking_at
from ostinato.cli.diagnosis.target import Target
from ostinato.cli.diagnosis.tls import tls
from ostinato.cli.diagnosis.verdict import Finding, Status, Verdict, skipped


@dataclass(frozen=True)
class Check:
    """A name, how to look, and which check must not have failed before."""

    name: str
    look: Callable[[Target], Verdict]
    needs: str | None = None


API_URL: Final = "api-url"

CHECKS: Final = (
    Check("proxy", proxy, API_URL),
    Check("dns", dns, "proxy"),
    Check("tcp", tcp, "dns"),
    Check("tls", tls, "tcp"),
    Check("health", api.health, "tls"),
    Check("ready", api.ready, "health"),
    Check("credentials", api.credentials, "health"),
    Check("versions", api.versions, "credentials"),
    Check("maintenance", api.maintenance, "credentials"),
    *(Check(name, looking_at(name), "credentials") for name in SOCKETS),
    Check("clock", api.clock, "health"),
    Check("round-trip", api.round_trip, "health"),
    Check("between", api.between, "health"),
)


def examine() -> Iterator[Finding]:
    """Yield what each check finds, as it finds it. Nothing is changed on the server."""
    verdict, target = find_target()
    yield _finding(API_URL, verdict)
    blocked: set[str] = set()
    if target is None:
        blocked.add(API_URL)
    try:
        for check in CHECKS:
            if target is None or check.needs in blocked:
                blocked.add(check.name)
                yield _finding(check.name, skipped(f"needs {check.needs}"))
                continue
            verdict = _look(check, target)
            if verdict.status is Status.FAILED:
                blocked.add(check.name)
            yield _finding(check.name, verdict)
    finally:
        if target is not None:
            target.close()


def _look(check: Check, target: Target) -> Verdict:
    try:
        return check.look(target)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return api.unreachable(target, error)


def _finding(name: str, verdict: Verdict) -> Finding:
    return Finding(name, verdict.status, verdict.found, verdict.remedy)
