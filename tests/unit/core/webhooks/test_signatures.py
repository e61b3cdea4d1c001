"""Signatures of requests to webhooks: the examples that senders publish, and everything that is not one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.webhooks.errors import RequestRefused
from ostinato_core.webhooks.requests import Headers
from ostinato_core.webhooks.signatures import Delivery, Windows, sign_as_github, verified
from ostinato_wire.webhook_signatures import sign
from ostinato_wire.webhooks import WebhookSignature
from tests.support.clock import driven_clock

STANDARD, GITHUB = WebhookSignature.STANDARD, WebhookSignature.GITHUB
WINDOWS = Windows(timedelta(minutes=5), timedelta(days=7))
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SENT = datetime.fromtimestamp(1_614_265_330, UTC)
BODY = b'{"test": 2432232314}'
EXAMPLE = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def delivery(headers: dict[str, str], body: bytes = BODY, *, secrets: list[str] | None = None) -> Delivery:
    """Return what a request signed as Standard Webhooks has it is remembered by, at the time of the example."""
    with driven_clock(SENT):
        found = verified(STANDARD, secrets or [SECRET], Headers(headers.items()), body, WINDOWS)
    assert found is not None
    return found


def test_the_published_example_of_standard_webhooks_is_right() -> None:
    assert delivery(EXAMPLE).expires == SENT + timedelta(minutes=10)


def test_the_published_example_of_github_is_right() -> None:
    secret, body = "It's a Secret to Everybody", b"Hello, World!"
    stated = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert sign_as_github(secret, body) == {"x-hub-signature-256": stated}
    assert verified(GITHUB, [secret], Headers([("X-Hub-Signature-256", stated)]), body, WINDOWS)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_other"},
        {"webhook-id": ""},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook-signature": "v1,größer"},
    ],
)
def test_what_was_changed_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(RequestRefused):
        delivery(EXAMPLE | changed)


@pytest.mark.parametrize(("seconds", "is_taken"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_the_window_reaches_to_both_sides(seconds: int, is_taken: bool) -> None:
    headers = Headers(EXAMPLE.items())
    with driven_clock(SENT + timedelta(seconds=seconds)):
        if is_taken:
            assert verified(STANDARD, [SECRET], headers, BODY, WINDOWS)
        else:
            with pytest.raises(RequestRefused, match="away from now"):
                verified(STANDARD, [SECRET], headers, BODY, WINDOWS)


@pytest.mark.parametrize("stated", ["sha256=", "sha256=zz", "sha1=00", "", "sha256=größer"])
def test_what_is_no_signature_of_github_is_refused(stated: str) -> None:
    headers = Headers([("x-hub-signature-256", stated)])
    with pytest.raises(RequestRefused):
        verified(GITHUB, ["secret"], headers, BODY, WINDOWS)


@given(st.text(max_size=60), st.text(max_size=30), st.text(max_size=60), st.binary(max_size=50))
def test_whatever_is_sent_is_refused_in_words(message_id: str, stated: str, proofs: str, body: bytes) -> None:
    headers = Headers([("webhook-id", message_id), ("webhook-timestamp", stated), ("webhook-signature", proofs)])
    with pytest.raises(RequestRefused):
        verified(STANDARD, [SECRET], headers, body, WINDOWS)


@given(st.binary(max_size=50), st.text(min_size=1, max_size=255).filter(str.isprintable))
def test_what_is_signed_is_taken(body: bytes, message_id: str) -> None:
    headers = sign([SECRET], message_id, SENT, body)
    assert delivery(headers, body).expires == SENT + timedelta(minutes=10)
