"""How commands that look after a server ask it over TLS."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from ostinato_server.cli.http import NoAnswer, call
from tests.support.certificates import make_certificate, server_context
from tests.support.settings import clear_settings
from tests.support.stub_api import serving


async def answer(_: web.Request) -> web.StreamResponse:
    return web.json_response("3.8.4")


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    clear_settings(monkeypatch, tmp_path)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    return make_certificate(tmp_path)


@pytest.fixture
def url(certificate: Path) -> Iterator[str]:
    with serving(answer, server_context(certificate)) as server:
        yield server.api_url


@pytest.mark.parametrize("name", ["OSTINATO_API_SSL_CERT_FILE", "PREFECT_API_SSL_CERT_FILE", "SSL_CERT_FILE"])
def test_certificate_to_trust_is_named_as_for_clients(
    url: str, certificate: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(certificate))
    assert call(url) == "3.8.4"


def test_verification_is_switched_off_as_for_clients(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoAnswer, match="self-signed"):
        call(url)
    monkeypatch.setenv("OSTINATO_API_TLS_INSECURE_SKIP_VERIFY", "true")
    assert call(url) == "3.8.4"


def test_file_that_is_not_there_is_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_API_SSL_CERT_FILE", "none.pem")
    with pytest.raises(NoAnswer, match=r"none\.pem, which cannot be read: No such file"):
        call(url)
