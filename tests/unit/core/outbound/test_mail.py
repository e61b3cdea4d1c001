"""Mail: what is sent over SMTP to a real server, and what is said of every way in which it refuses."""

import socket
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ostinato_core.outbound import Outbound, Outcome
from ostinato_core.outbound.mail import Mail
from ostinato_core.outbound.mail_message import compose
from ostinato_core.settings import ServerSettings
from tests.support.certificates import make_certificate, server_context
from tests.support.mail import Mailbox, mail_server

DELIVERY = UUID(int=7)
TO = ["ops@example.com", "dev@example.org"]


def outbound(port: int, **settings: Any) -> Outbound:  # Any: of many types
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_sender": "Ostinato <o@example.net>", "smtp_tls": "none"}
    return Outbound(ServerSettings.model_validate({**mail, "outbound_timeout": 20, **settings}))


async def sent(box: Mailbox, **settings: Any) -> Outcome:  # Any: as above
    return await outbound(box.port, **settings).send_mail(
        TO, "Import failed", "See <b> https://a.example/x?y=1.", DELIVERY
    )


async def test_a_mail_arrives_as_text_and_html() -> None:
    async with mail_server() as box:
        assert (await sent(box)).delivered
    (mail,) = box.mails
    assert box.recipients == TO
    assert {name: mail[name] for name in ("From", "To", "Subject", "Message-ID", "Auto-Submitted")} == {
        "From": "Ostinato <o@example.net>",
        "To": "ops@example.com, dev@example.org",
        "Subject": "Import failed",
        "Message-ID": f"<{DELIVERY}@example.net>",
        "Auto-Submitted": "auto-generated",
    }
    assert mail["Date"].datetime.tzinfo is not None
    text, page = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert page is not None
    assert text.get_content().strip() == "See <b> https://a.example/x?y=1."
    assert 'See &lt;b&gt; <a href="https://a.example/x?y=1">https://a.example/x?y=1</a>.' in page.get_content()


async def test_starttls_and_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path)
    password = tmp_path / "password"
    password.write_text("pass\n")
    async with mail_server(server_context(certificate), login=True) as box:
        strange = await sent(box, smtp_tls="starttls", smtp_username="me", smtp_password="pass")
        assert (strange.delivered, strange.is_final, box.logins) == (False, False, [])
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert (await sent(box, smtp_tls="starttls", smtp_username="me", smtp_password_file=password)).delivered
        wrong = await sent(box, smtp_tls="starttls", smtp_username="me", smtp_password="secret")
    assert (wrong.delivered, wrong.is_final) == (False, True)
    assert "secret" not in repr(wrong)
    assert box.logins[0] == (b"me", b"pass")


async def test_a_server_without_tls_gets_nothing_where_tls_is_asked_for() -> None:
    async with mail_server() as box:
        assert not (await sent(box, smtp_tls="starttls")).delivered
        assert not (await sent(box, smtp_tls="tls", outbound_timeout=2)).delivered
    assert not box.mails


@pytest.mark.parametrize(
    ("refusals", "is_final", "reason"),
    [
        ({"DATA": "451 Try later"}, False, "127.0.0.1 refused it: 451 Try later"),
        ({"DATA": "554 Spam"}, True, "127.0.0.1 refused it: 554 Spam"),
        (dict.fromkeys(TO, "450 Busy"), False, "127.0.0.1 refused it: 450 Busy"),
        (dict.fromkeys(TO, "550 Nobody"), True, "127.0.0.1 refused it: 550 Nobody"),
        ({TO[0]: "550 Nobody"}, True, "1 of 2 addresses were refused."),
    ],
)
async def test_what_the_server_refuses(refusals: dict[str, str], is_final: bool, reason: str) -> None:
    async with mail_server() as box:
        box.refusals = refusals
        outcome = await sent(box)
    assert (outcome.delivered, outcome.is_final, outcome.reason) == (False, is_final, reason)
    assert box.recipients == ([TO[1]] if len(refusals) == 1 and TO[0] in refusals else [])


async def test_silence_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = await outbound(silent.getsockname()[1], outbound_timeout=1).send_mail(TO, "a", "b", DELIVERY)
    assert (outcome.delivered, outcome.is_final) == (False, False)
    assert outcome.reason == "127.0.0.1 did not answer within 1 seconds."


async def test_nobody_there_and_no_server_at_all() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        assert not (await outbound(held.getsockname()[1]).send_mail(TO, "a", "b", DELIVERY)).is_final
    outcome = await Outbound(ServerSettings()).send_mail(TO, "a", "b", DELIVERY)
    assert (outcome.is_final, outcome.reason) == (
        True, "The server has no mail server: set OSTINATO_SMTP_HOST and OSTINATO_SMTP_SENDER.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "sender", [None, "nobody", "a@b.example\nBcc: x@y.example", "A, B <a@b.example>", "é@b.example"]
)
def test_a_mail_server_needs_a_sender(sender: str | None) -> None:
    with pytest.raises(ValidationError):
        ServerSettings(smtp_host="mail.example", smtp_sender=sender)


@given(st.text(), st.text())
def test_no_text_makes_headers_or_breaks_a_mail(subject: str, body: str) -> None:
    mail = Mail(TO, subject, body, DELIVERY)
    raw = compose("o@example.net", mail, datetime(2026, 1, 1, tzinfo=UTC)).as_bytes()
    read = message_from_bytes(raw, policy=policy.default)
    assert set(read.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version",
        "Content-Type",
    }  # fmt: skip
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert max(map(len, raw.split(b"\r\n"))) <= 998
