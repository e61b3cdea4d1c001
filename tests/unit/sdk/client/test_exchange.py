"""Retries, CSRF and errors of one request, step by step and without a network."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ostinato.client.csrf import CsrfGuard
from ostinato.client.errors import OstinatoHTTPStatusError
from ostinato.client.exchange import Session, exchange
from ostinato.client.retries import RetryPolicy
from ostinato.client.steps import Request, Send, Sleep
from tests.support.runs import flow_context

GET = Request("GET", "/x")
POST = Request("POST", "/x", b"{}")

Reply = httpx.Response | Exception | Callable[[Send], httpx.Response]


def session(*, max_retries: int = 5, jitter: float = 0.0, draw: float = 0.5, csrf: bool = False) -> Session:
    """Return a session without any header."""
    return Session({}, RetryPolicy(max_retries, jitter, frozenset({599}), lambda: draw), CsrfGuard(csrf))


def answer(status: int = 200, headers: dict[str, str] | None = None, body: Any = None) -> httpx.Response:
    """Return a response."""
    return httpx.Response(status, headers=headers, json=body, request=httpx.Request("GET", "http://server/api/x"))


def play(
    asking: Session, request: Request, *replies: Reply
) -> tuple[httpx.Response | Exception, list[float], list[Send]]:
    """Answer the sends of `request` one by one; return the outcome, the waits, and what was sent."""
    steps = exchange(asking, request)
    waits: list[float] = []
    sent: list[Send] = []
    left = list(replies)
    try:
        step = next(steps)
        while True:
            if isinstance(step, Sleep):
                waits.append(step.seconds)
                step = steps.send(None)
                continue
            sent.append(step)
            reply = left.pop(0)
            if isinstance(reply, Exception):
                step = steps.throw(reply)
            else:
                step = steps.send(reply if isinstance(reply, httpx.Response) else reply(step))
    except StopIteration as end:
        return end.value, waits, sent
    except (httpx.HTTPError, OstinatoHTTPStatusError) as error:
        return error, waits, sent


@pytest.mark.parametrize("status", [408, 429, 502, 503, 599])
def test_statuses_that_may_pass_are_retried_after_growing_waits(status: int) -> None:
    outcome, waits, _ = play(session(), GET, *[answer(status)] * 5, answer())
    assert isinstance(outcome, httpx.Response)
    assert waits == [2, 4, 8, 16, 32]


@pytest.mark.parametrize("status", [400, 404, 409, 422, 500, 504])
def test_other_failures_are_raised_at_once(status: int) -> None:
    outcome, waits, sent = play(session(), GET, answer(status))
    assert isinstance(outcome, OstinatoHTTPStatusError)
    assert outcome.status == status
    assert (waits, len(sent)) == ([], 1)


def test_the_last_answer_is_raised_when_retries_are_used_up() -> None:
    outcome, waits, sent = play(session(max_retries=2), GET, *[answer(503)] * 3)
    assert isinstance(outcome, OstinatoHTTPStatusError)
    assert (len(waits), len(sent)) == (2, 3)


@pytest.mark.parametrize(("draw", "wait"), [(0.0, 10.0), (1.0, 12.0)])
def test_retry_after_is_kept_to_and_only_lengthened(draw: float, wait: float) -> None:
    _, waits, _ = play(session(jitter=0.2, draw=draw), GET, answer(429, {"Retry-After": "10"}), answer())
    assert waits == [wait]


@pytest.mark.parametrize(("draw", "wait"), [(0.0, 1.6), (1.0, 2.4)])
def test_jitter_moves_a_wait_both_ways(draw: float, wait: float) -> None:
    _, waits, _ = play(session(jitter=0.2, draw=draw), GET, answer(503), answer())
    assert waits == pytest.approx([wait])


def test_maintenance_is_waited_out_without_limit() -> None:
    pause = answer(503, {"Prefect-Maintenance": "true", "Retry-After": "1"})
    outcome, waits, _ = play(session(max_retries=1), GET, *[pause] * 20, answer())
    assert isinstance(outcome, httpx.Response)
    assert waits == [1] * 20


@pytest.mark.parametrize("error", [httpx.ReadTimeout(""), httpx.ReadError(""), httpx.RemoteProtocolError("")])
def test_errors_of_the_transport_are_retried_and_the_last_is_raised(error: Exception) -> None:
    outcome, waits, _ = play(session(max_retries=2), GET, error, error, error)
    assert outcome is error
    assert waits == [2, 4]


def test_a_refused_connection_is_tried_for_a_moment_only_while_no_server_was_ever_there() -> None:
    refused = httpx.ConnectError("refused")
    outcome, waits, sent = play(session(), GET, *[refused] * 4)
    assert outcome is refused
    assert (sum(waits), len(sent)) == (1.5, 4)


def test_a_refused_connection_is_retried_once_the_server_was_there() -> None:
    asking = session()
    play(asking, GET, answer())
    outcome, waits, _ = play(asking, GET, *[httpx.ConnectError("refused")] * 4, answer())
    assert isinstance(outcome, httpx.Response)
    assert waits == [0, 0.5, 1, 2]


def test_a_token_is_fetched_before_the_first_change_and_sent_with_every_change() -> None:
    asking = session(csrf=True)
    token = answer(200, body={"token": "t", "expiration": "2999-01-01T00:00:00Z", "client": "c"})
    _, _, sent = play(asking, POST, token, answer())
    assert [step.request.path for step in sent] == ["/csrf-token", "/x"]
    assert sent[1].headers["Prefect-Csrf-Token"] == "t"
    assert sent[1].headers["Prefect-Csrf-Client"] == (sent[0].request.query or {})["client"]
    assert len(play(asking, POST, answer())[2]) == 1
    assert "Prefect-Csrf-Token" not in play(asking, GET, answer())[2][0].headers


def test_an_expired_token_is_fetched_anew() -> None:
    asking = session(csrf=True)
    old = answer(200, body={"token": "old", "expiration": "2000-01-01T00:00:00Z"})
    new = answer(200, body={"token": "new", "expiration": "2999-01-01T00:00:00Z"})
    play(asking, POST, old, answer())
    assert play(asking, POST, new, answer())[2][1].headers["Prefect-Csrf-Token"] == "new"


@pytest.mark.parametrize("refusal", [404, 422])
def test_a_server_without_this_protection_is_asked_once(refusal: int) -> None:
    asking = session(csrf=True)
    assert len(play(asking, POST, answer(refusal), answer())[2]) == 2
    assert len(play(asking, POST, answer())[2]) == 1


def test_a_refused_token_is_replaced_at_once() -> None:
    asking = session(csrf=True)
    token = answer(200, body={"token": "t", "expiration": "2999-01-01T00:00:00Z"})
    refusal = answer(403, body={"detail": "Invalid CSRF token or client identifier."})
    outcome, waits, sent = play(asking, POST, token, refusal, token, answer())
    assert isinstance(outcome, httpx.Response)
    assert (waits, len(sent)) == ([], 4)


def test_a_server_too_busy_for_a_token_is_asked_again() -> None:
    token = answer(200, body={"token": "t", "expiration": "2999-01-01T00:00:00Z"})
    outcome, waits, sent = play(session(csrf=True), POST, answer(503), httpx.ReadTimeout(""), token, answer())
    assert isinstance(outcome, httpx.Response)
    assert waits == [2, 4]
    assert [step.request.path for step in sent] == ["/csrf-token"] * 3 + ["/x"]


def test_a_request_within_a_run_says_so() -> None:
    with flow_context() as flow:
        _, _, (inside,) = play(session(), GET, answer())
    _, _, (outside,) = play(session(), GET, answer())
    assert inside.headers["X-Prefect-Flow-Id"] == str(flow.flow_run.flow_id)
    assert inside.headers["X-Prefect-Flow-Name"] == "etl"
    assert outside.headers == {}


def test_an_error_says_what_is_wrong_but_repeats_no_secret() -> None:
    body = {
        "exception_detail": [{"loc": ["body", "value"], "msg": "too long", "input": "hunter2"}],
        "request_body": {"value": "hunter2"},
    }
    request = httpx.Request("POST", "http://user:hunter2@server/api/x?token=hunter2")
    error = OstinatoHTTPStatusError.from_response(httpx.Response(422, json=body, request=request))
    assert "hunter2" not in str(error)
    assert "422" in str(error)
    assert "too long" in str(error)
    assert "http://server/api/x" in str(error)
