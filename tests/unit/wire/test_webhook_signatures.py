"""Signatures of webhooks: those of the specification's example, rotation, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_wire.webhook_signatures import SignatureInvalid, sign, split_secrets, verify

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD, NEW = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_example_of_the_specification() -> None:
    body = b'{"test": 2432232314}'
    moment = datetime.fromtimestamp(1614265330, UTC)
    headers = sign([NEW], "msg_p5jXN8AQM9LWM0D4loKWxJek", moment, body)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_during_a_rotation_either_secret_verifies() -> None:
    headers = sign(split_secrets(f"{OLD}, {NEW}"), "id", NOW, b"body")
    assert len(headers["webhook-signature"].split()) == 2
    for secret in (OLD, NEW):
        assert verify([secret], headers, NOW, b"body") == "id"


@given(st.text(min_size=1).filter(lambda text: not text.startswith("whsec_")), st.binary())
def test_what_is_signed_verifies_and_nothing_else(secret: str, body: bytes) -> None:
    headers = sign([secret], "id", NOW, body)
    assert verify([secret], headers, NOW, body) == "id"
    for changed in ({"webhook-id": "di"}, {"webhook-timestamp": str(int(NOW.timestamp()) + 1)}):
        with pytest.raises(SignatureInvalid):
            verify([secret], headers | changed, NOW, body)
    with pytest.raises(SignatureInvalid):
        verify([secret], headers, NOW, body + b" ")
    with pytest.raises(SignatureInvalid):
        verify([secret + "x"], headers, NOW, body)


@pytest.mark.parametrize("away", [timedelta(minutes=5, seconds=1), -timedelta(minutes=5, seconds=1)])
def test_a_request_is_good_for_five_minutes(away: timedelta) -> None:
    headers = sign([NEW], "id", NOW, b"")
    with pytest.raises(SignatureInvalid, match="away from now"):
        verify([NEW], headers, NOW + away, b"")


@pytest.mark.parametrize("headers", [{}, {"webhook-id": "id"}, {"webhook-id": "id", "webhook-timestamp": "soon"}])
def test_headers_that_are_missing(headers: dict[str, str]) -> None:
    with pytest.raises(SignatureInvalid, match="missing"):
        verify([NEW], headers, NOW, b"")


def test_a_secret_that_is_no_base64_is_told_without_it() -> None:
    with pytest.raises(ValueError, match="goes on in base64") as told:
        split_secrets("whsec_pass!phrase")
    assert "phrase" not in str(told.value)
