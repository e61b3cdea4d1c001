"""Requests as templates see them: names of headers in any case, and a body that can always be told."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.webhooks.errors import RequestRefused
from ostinato_core.webhooks.requests import Headers, HookRequest, as_text

TYPES = st.sampled_from(
    ["", "text/plain", "application/json", "x/y+json", "application/x-www-form-urlencoded",
     "multipart/form-data", "multipart/form-data; boundary=b", "multipart/form-data; boundary=\"b", "größer"]
)  # fmt: skip


def body_of(content_type: str, raw: bytes) -> Any:  # Any: any JSON value
    return HookRequest("POST", Headers([("Content-Type", content_type)]), raw).body()


def test_headers_are_found_in_any_case_and_shown_as_sent() -> None:
    headers = Headers([("X-A", "1"), ("x-a", "2"), ("Authorization", "secret"), ("Cookie", "secret"), ("B", "\udcff")])

    assert (headers["X-a"], headers.get("x-A"), "x-b" in headers) == ("1, 2", "1, 2", False)
    assert dict(headers.shown()) == {"X-A": "1, 2", "B": "?"}
    assert len(headers) == 4


@given(TYPES, st.binary(max_size=200))
def test_every_body_can_be_told_or_is_refused(content_type: str, raw: bytes) -> None:
    try:
        body = body_of(content_type, raw)
    except RequestRefused:
        return
    orjson.dumps(body)


@given(st.text())
def test_a_text_can_be_stored(text: str) -> None:
    clean = as_text(text + "\ud800\x00")
    clean.encode()
    assert "\x00" not in clean


def test_a_form_has_a_bound() -> None:
    assert len(body_of("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(1000)))) == 1000
    with pytest.raises(RequestRefused, match="1000 fields"):
        body_of("application/x-www-form-urlencoded", b"a=1&" * 1001)
