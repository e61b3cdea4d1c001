"""One request with all around it: headers, CSRF, retries, errors. Sans-I/O: it yields steps, a driver does them."""

from __future__ import annotations

import os
import ssl
import sys
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import httpx

from ostinato.client.csrf import CsrfGuard
from ostinato.client.errors import OstinatoHTTPStatusError
from ostinato.client.retries import CONNECT_DELAYS, RetryPolicy, is_maintenance
from ostinato.client.steps import Exchange, Plan, Request, Send, Sleep
from ostinato.client.versions import PRODUCT_HEADER, USER_AGENT, own_version
from ostinato_wire import API_VERSION

if TYPE_CHECKING:
    from ostinato.settings import Settings

T = TypeVar("T")

RETRIED_ERRORS = (
    httpx.ReadTimeout,
    httpx.PoolTimeout,
    httpx.ConnectTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.RemoteProtocolError,
    httpx.LocalProtocolError,
)
RESERVED_HEADERS = frozenset({"user-agent", "prefect-csrf-token", "prefect-csrf-client"})
"""Headers that `client.custom_headers` cannot replace."""

CONTEXT_HEADERS = {
    f"PREFECT__{kind}_{member}": f"X-Prefect-{kind.capitalize()}-{member.capitalize()}"
    for kind in ("FLOW", "DEPLOYMENT", "WORKER")
    for member in ("ID", "NAME")
}
"""Environment variable -> header: in whose behalf a supervised process sends its requests."""


@dataclass(slots=True)
class Session:
    """What a client object remembers between its requests."""

    headers: Mapping[str, str]
    retries: RetryPolicy
    csrf: CsrfGuard
    was_answered: bool = field(default=False)
    """Whether any request had an answer: from then on a refused connection is worth a longer wait."""


def session_from(settings: Settings) -> Session:
    """Return a new session of a client with `settings`."""
    client = settings.client
    policy = RetryPolicy(client.max_retries, client.retry_jitter_factor, frozenset(client.retry_extra_codes))
    return Session(fixed_headers(settings), policy, CsrfGuard(client.csrf_support_enabled))


def fixed_headers(settings: Settings) -> dict[str, str]:
    """Return the headers that are the same on every request; the auth string wins over the key."""
    headers = {
        name: value for name, value in settings.client.custom_headers.items() if name.lower() not in RESERVED_HEADERS
    }
    headers |= {"User-Agent": USER_AGENT, "X-PREFECT-API-VERSION": API_VERSION, PRODUCT_HEADER: own_version()}
    headers |= {name: os.environ[variable] for variable, name in CONTEXT_HEADERS.items() if variable in os.environ}
    return headers | authorization(settings)


def run_headers() -> dict[str, str]:
    """Return the headers that say in which flow run this is called; none outside of one."""
    context = sys.modules.get("ostinato.context")  # not loaded: no run can be active
    active = context.FlowRunContext.get() if context is not None else None
    if active is None:
        return {}
    headers = {"X-Prefect-Flow-Id": str(active.flow_run.flow_id), "X-Prefect-Flow-Name": quote(active.flow.name)}
    if active.flow_run.deployment_id is not None:
        headers["X-Prefect-Deployment-Id"] = str(active.flow_run.deployment_id)
    return headers


def authorization(settings: Settings) -> dict[str, str]:
    """Return the `Authorization` header, or nothing if neither an auth string nor a key is set."""
    api = settings.api
    if api.auth_string is not None:
        token = b64encode(api.auth_string.get_secret_value().encode()).decode()
        return {"Authorization": f"Basic {token}"}
    if api.key is not None:
        return {"Authorization": f"Bearer {api.key.get_secret_value()}"}
    return {}


def run_plan(session: Session, plan: Plan[T]) -> Exchange[T]:
    """Return the steps of all requests of `plan`, and its value at the end. Errors are thrown into the plan."""
    try:
        request = next(plan)
        while True:
            try:
                response = yield from exchange(session, request)
            except httpx.HTTPError as error:
                request = plan.throw(error)
            else:
                request = plan.send(response)
    except StopIteration as end:
        return end.value


def exchange(session: Session, request: Request) -> Exchange[httpx.Response]:
    """Return the answer to `request` after as many tries as the policy allows.

    Raises OstinatoHTTPStatusError if the last answer is not 2xx (and `request.check`), or the last httpx error.
    """
    retry = 0
    while True:
        try:
            response = yield from _attempt_with_token(session, request)
        except RETRIED_ERRORS:
            response = None
            if retry >= session.retries.max_retries:
                raise
        except httpx.ConnectError as error:
            response = None
            if not session.was_answered or _is_certificate_error(error) or retry >= session.retries.max_retries:
                raise
        else:
            verdict = _verdict(session, request, response, retry)
            if verdict is not None:
                return verdict
        if response is None or not is_maintenance(response):
            retry += 1
        if response is None or response.status_code != 403:
            yield Sleep(session.retries.delay(max(retry, 1), response))


def _verdict(session: Session, request: Request, response: httpx.Response, retry: int) -> httpx.Response | None:
    """Return the response if it is the final one, None if the request is to be sent again, else raise."""
    if session.csrf.refused(response):
        session.csrf.drop()
        if retry < session.retries.max_retries:
            return None
    if is_maintenance(response):
        return None
    if session.retries.is_retried(response.status_code) and retry < session.retries.max_retries:
        return None
    if request.check and not response.is_success:
        raise OstinatoHTTPStatusError.from_response(response)
    return response


def _attempt_with_token(session: Session, request: Request) -> Exchange[httpx.Response]:
    """Send `request` once, with a token if need be; the answer may be that the server has no time to make one."""
    if session.csrf.needs_token(request.method):
        answer = yield from _attempt(session, session.csrf.request())
        session.csrf.take(answer)
        if session.retries.is_retried(answer.status_code) or is_maintenance(answer):
            return answer
    return (yield from _attempt(session, request))


def _attempt(session: Session, request: Request) -> Exchange[httpx.Response]:
    """Send `request` once; only the opening of a connection is tried again, since nothing was sent then."""
    headers = {**session.headers, **run_headers(), **session.csrf.headers(request.method), **request.headers}
    for delay in (*CONNECT_DELAYS, None):
        try:
            response = yield Send(request, headers)
        except httpx.ConnectError as error:
            if delay is None or _is_certificate_error(error):
                raise
            yield Sleep(delay)
        else:
            assert response is not None  # a Send is answered with a response
            session.was_answered = True
            return response
    raise AssertionError("unreachable: the last try returns or raises")


def _is_certificate_error(error: BaseException | None) -> bool:
    """Whether the connection failed because of the server's certificate, which does not get better by waiting."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
