"""`ostinato doctor`: a server that is well, and what it says of everything that can be wrong on the way to one."""

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.support.certificates import make_certificate, server_context
from tests.support.cli import Cli
from tests.support.connect_proxy import connect_proxy
from tests.support.ports import free_port
from tests.support.server import Server
from tests.support.settings import clear_settings
from tests.support.stub_api import StubServer, serving

CHECKS = (
    *("api-url", "proxy", "dns", "tcp", "tls", "health", "ready", "credentials", "versions", "maintenance"),
    *("events-in", "events-out", "logs-out", "task-runs", "workers", "clock", "round-trip", "between"),
)
SOCKETS = CHECKS[10:15]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Findings = dict[str, dict[str, Any]]  # JSON, by check


async def well(request: web.Request) -> web.StreamResponse:
    """Answer as a server that is well."""
    if "Upgrade" in request.headers:
        socket = web.WebSocketResponse(protocols=("prefect",))
        await socket.prepare(request)
        await socket.receive()
        await socket.send_str('{"type":"auth_success"}')
        await socket.receive()
        return socket
    answers: dict[str, object] = {"/health": True, "/admin/version": "3.8.4", "/version": "0.8.4"}
    return web.json_response(answers.get(request.path.removeprefix("/api"), "?"))


def but(path: str, answer: Callable[[], web.StreamResponse]) -> Handler:
    """Return a handler that answers one path in another way."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return answer() if request.path == f"/api{path}" else await well(request)

    return handle


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clear_settings(monkeypatch, tmp_path)
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def doctor(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, Findings]]:
    """Call the doctor for an URL, with more environment variables; return the exit code and what it found."""

    def call(url: str | None, **variables: str) -> tuple[int, Findings]:
        for name, value in ({"OSTINATO_API_URL": url} if url else {}).items() | variables.items():
            monkeypatch.setenv(name, value)
        outcome = cli("doctor", "-o", "json")
        findings = outcome.json()
        assert tuple(finding["check"] for finding in findings) == CHECKS
        assert all(set(finding) == {"check", "status", "found", "remedy"} for finding in findings)
        assert all((item["remedy"] is not None) == (item["status"] in {"warning", "failed"}) for item in findings)
        return outcome.code, {finding["check"]: finding for finding in findings}

    return call


Doctor = Callable[..., tuple[int, Findings]]


def of(status: str, findings: Findings) -> list[str]:
    return [name for name, finding in findings.items() if finding["status"] == status]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server with a password."""
    home = tmp_path_factory.mktemp("server")
    server = Server(home, f"sqlite+aiosqlite:///{home}/o.db", {"OSTINATO_SERVER_API_AUTH_STRING": "admin:secret"})
    server.start()
    yield server
    server.stop()


def test_a_server_that_is_well(guarded: Server, doctor: Doctor) -> None:
    code, findings = doctor(guarded.api_url, OSTINATO_API_AUTH_STRING="admin:secret")
    assert (code, of("failed", findings), of("warning", findings)) == (0, [], [])
    assert of("skipped", findings) == ["dns", "tls"]
    assert "OSTINATO_API_URL in the environment" in findings["api-url"]["found"]
    assert "OSTINATO_API_AUTH_STRING in the environment" in findings["credentials"]["found"]
    assert "API 0.8.4" in findings["versions"]["found"]
    assert "admin:secret" not in json.dumps(findings)


def test_nothing_is_changed_on_the_server(guarded: Server, doctor: Doctor, cli: Cli) -> None:
    doctor(guarded.api_url, OSTINATO_API_AUTH_STRING="admin:secret")
    for command in ("flow", "flow-run", "task-run"):
        assert cli.ok(command, "ls", "-o", "json").json() == []


@pytest.mark.parametrize(
    ("variables", "remedy"),
    [
        ({}, "OSTINATO_API_AUTH_STRING=USER:PASSWORD"),
        ({"PREFECT_API_AUTH_STRING": "admin:wrong"}, "PREFECT_API_AUTH_STRING in the environment"),
        ({"OSTINATO_API_AUTH_STRING": "secret"}, "lacks the colon"),
        ({"OSTINATO_API_KEY": "key"}, "OSTINATO_API_KEY in the environment"),
    ],
)
def test_wrong_credentials(guarded: Server, doctor: Doctor, variables: dict[str, str], remedy: str) -> None:
    code, findings = doctor(guarded.api_url, **variables)
    assert (code, of("failed", findings)) == (1, ["credentials"])
    assert remedy in findings["credentials"]["remedy"]
    assert set(SOCKETS) < set(of("skipped", findings))
    assert findings["clock"]["status"] == "ok"


def test_profile_is_named_as_the_origin(guarded: Server, doctor: Doctor, cli: Cli) -> None:
    cli.ok("config", "set", f"OSTINATO_API_URL={guarded.api_url}", "OSTINATO_API_AUTH_STRING=admin:secret")
    code, findings = doctor(None)
    assert code == 0
    assert "OSTINATO_API_URL in profile 'ephemeral'" in findings["api-url"]["found"]


def test_people_see_a_line_for_each_check(guarded: Server, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_API_URL", guarded.api_url)
    monkeypatch.setenv("COLUMNS", "60")
    outcome = cli("doctor")
    lines = outcome.out.splitlines()
    assert outcome.code == 1
    assert lines[-1] == "1 of 18 checks failed."
    assert all(len(line) <= 60 and line == line.rstrip() for line in lines)
    assert "✗ credentials the server asks for credentials, and none are" in lines
    assert "              OSTINATO_API_AUTH_STRING=USER:PASSWORD" in lines
    monkeypatch.setenv("OSTINATO_API_AUTH_STRING", "admin:secret")
    assert cli.ok("doctor").out.endswith("All is well.\n")


def test_no_url(doctor: Doctor) -> None:
    code, findings = doctor(None)
    assert (code, of("warning", findings)) == (0, ["api-url"])
    assert "ostinato config set OSTINATO_API_URL=" in findings["api-url"]["remedy"]
    code, findings = doctor(None, OSTINATO_SERVER_EPHEMERAL_ENABLED="false")
    assert (code, of("failed", findings), len(of("skipped", findings))) == (1, ["api-url"], 17)


@pytest.mark.parametrize("url", ["not an url", "ftp://host/api", "http:///api", "http://host:99999/api"])
def test_nonsense_url(doctor: Doctor, url: str) -> None:
    code, findings = doctor(url)
    assert (code, of("failed", findings)) == (1, ["api-url"])


def test_unknown_host(doctor: Doctor) -> None:
    code, findings = doctor("https://ostinato.invalid/api")
    assert (code, of("failed", findings)) == (1, ["dns"])
    assert "Is the name right in OSTINATO_API_URL" in findings["dns"]["remedy"]


def test_closed_port(doctor: Doctor) -> None:
    code, findings = doctor(f"http://127.0.0.1:{free_port()}/api")
    assert (code, of("failed", findings)) == (1, ["tcp"])
    assert "ostinato server status" in findings["tcp"]["remedy"]


def test_certificate_that_nobody_vouches_for(doctor: Doctor, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with serving(well, server_context(certificate)) as server:
        code, findings = doctor(server.api_url)
        assert (code, of("failed", findings)) == (1, ["tls"])
        assert "issued by Test issuer" in findings["tls"]["found"]
        assert "export SSL_CERT_FILE=" in findings["tls"]["remedy"]
        assert doctor(server.api_url, OSTINATO_API_TLS_INSECURE_SKIP_VERIFY="true")[1]["tls"]["status"] == "warning"
        code, findings = doctor(
            server.api_url, SSL_CERT_FILE=str(certificate), OSTINATO_API_TLS_INSECURE_SKIP_VERIFY="false"
        )
        assert (code, of("failed", findings), findings["tls"]["status"]) == (0, [], "ok")
        assert f"trusted by {certificate} (from SSL_CERT_FILE" in findings["tls"]["found"]
        other = make_certificate(tmp_path, days=80)
        code, findings = doctor(server.api_url, OSTINATO_API_SSL_CERT_FILE=str(other))
        assert f"not trusted by {other} (from OSTINATO_API_SSL_CERT_FILE" in findings["tls"]["found"]


@pytest.mark.parametrize(
    ("name", "days", "status", "found", "remedy"),
    [
        ("elsewhere.example", 90, "failed", "not for 127.0.0.1, but for elsewhere.example", "OSTINATO_HOSTNAMES"),
        ("127.0.0.1", -1, "failed", "expired", "Renew the certificate"),
        ("127.0.0.1", 3, "warning", "about to expire", "Renew the certificate"),
    ],
)
def test_certificates_with_a_flaw(
    doctor: Doctor, tmp_path: Path, name: str, days: int, status: str, found: str, remedy: str
) -> None:
    certificate = make_certificate(tmp_path, name, days)
    with serving(well, server_context(certificate)) as server:
        code, findings = doctor(server.api_url, SSL_CERT_FILE=str(certificate))
    assert (code, findings["tls"]["status"]) == (int(status == "failed"), status)
    assert found in findings["tls"]["found"]
    assert remedy in findings["tls"]["remedy"]


def test_file_of_certificates_that_is_not_there(doctor: Doctor, tmp_path: Path) -> None:
    with serving(well) as server:
        code, findings = doctor(server.api_url, SSL_CERT_FILE=str(tmp_path / "none.pem"))
    assert (code, of("failed", findings)) == (1, ["tls"])
    assert "SSL_CERT_FILE" in findings["tls"]["found"]


def test_https_to_a_port_without_tls(doctor: Doctor) -> None:
    with serving(well) as server:
        code, findings = doctor(server.api_url.replace("http:", "https:"))
    assert (code, of("failed", findings)) == (1, ["tls"])
    assert "http://" in findings["tls"]["remedy"]


def test_http_to_a_port_with_tls(doctor: Doctor, tmp_path: Path) -> None:
    with serving(well, server_context(make_certificate(tmp_path))) as server:
        code, findings = doctor(server.api_url.replace("https:", "http:"))
    assert (code, of("failed", findings)) == (1, ["health"])
    assert "https://" in findings["health"]["remedy"]


def test_maintenance(doctor: Doctor) -> None:
    async def maintained(request: web.Request) -> web.StreamResponse:
        return web.json_response({"detail": "Back soon."}, status=503, headers={"Prefect-Maintenance": "true"})

    with serving(maintained) as server:
        findings = doctor(server.api_url)[1]
    assert findings["maintenance"]["found"] == "on: Back soon."
    assert "ostinato server maintenance off" in findings["maintenance"]["remedy"]
    assert "health" not in of("failed", findings)


def test_proxy_without_its_api(doctor: Doctor) -> None:
    with serving(but("/health", lambda: web.Response(status=502, headers={"Server": "nginx"}))) as server:
        code, findings = doctor(server.api_url)
    assert (code, of("failed", findings)) == (1, ["health"])
    assert findings["health"]["remedy"].startswith("nginx is there, but the API behind it is not")


@pytest.mark.parametrize(
    "answer", [lambda: web.Response(text="<html>Welcome</html>"), lambda: web.Response(status=404)]
)
def test_something_else_answers(doctor: Doctor, answer: Callable[[], web.StreamResponse]) -> None:
    with serving(but("/health", answer)) as server:
        code, findings = doctor(server.api_url)
    assert (code, of("failed", findings)) == (1, ["health"])
    assert "usually ends with /api" in findings["health"]["remedy"]


def test_database_is_away(doctor: Doctor) -> None:
    with serving(but("/ready", lambda: web.json_response({}, status=503))) as server:
        code, findings = doctor(server.api_url)
    assert (code, of("failed", findings)) == (1, ["ready"])


def test_proxy_that_passes_no_websockets_on(doctor: Doctor) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(status=404) if "Upgrade" in request.headers else await well(request)

    with serving(handle) as server:
        code, findings = doctor(server.api_url)
    assert (code, of("failed", findings), of("warning", findings)) == (1, list(SOCKETS[:4]), ["workers"])
    assert "`Upgrade` and `Connection`" in findings["events-in"]["remedy"]


def test_server_of_another_major_version(doctor: Doctor) -> None:
    with serving(but("/admin/version", lambda: web.json_response("2.20.1"))) as server:
        code, findings = doctor(server.api_url)
    assert (code, of("failed", findings)) == (1, ["versions"])
    assert "same major version" in findings["versions"]["remedy"]


def test_clocks_that_differ(doctor: Doctor) -> None:
    def long_ago() -> web.StreamResponse:
        return web.json_response(True, headers={"Date": "Wed, 01 Jan 2025 00:00:00 GMT"})

    with serving(but("/health", long_ago)) as server:
        code, findings = doctor(server.api_url)
    assert (code, of("warning", findings)) == (0, ["clock"])
    assert "ahead of the server's" in findings["clock"]["found"]


def test_redirect(doctor: Doctor) -> None:
    with serving(well) as server:
        target = f"{server.api_url}/health"

        async def redirect(request: web.Request) -> web.StreamResponse:
            return web.Response(status=308, headers={"Location": str(request.url.with_port(server.port))})

        with serving(redirect) as first:
            findings = doctor(first.api_url)[1]
    assert findings["health"]["remedy"].endswith(f"OSTINATO_API_URL={target.removesuffix('/health')}")


def through(server: StubServer, certificate: Path, proxy: str) -> dict[str, str]:
    return {"url": server.api_url, "SSL_CERT_FILE": str(certificate), "HTTPS_PROXY": proxy}


def test_through_a_proxy(doctor: Doctor, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with serving(well, server_context(certificate)) as server, connect_proxy("user:secret") as proxy:
        code, findings = doctor(**through(server, certificate, f"http://user:secret@{proxy.place}"))
        assert (code, of("failed", findings)) == (0, [])
        assert findings["tcp"]["found"].startswith(proxy.place)
        assert findings["tls"]["status"] == "ok"
        # Once for the certificate, once for HTTP, once for each socket.
        assert proxy.tunnels == [f"127.0.0.1:{server.port}"] * 7
        assert "secret" not in json.dumps(findings)
        assert f"NO_PROXY={'127.0.0.1'}" in findings["proxy"]["remedy"]
        assert doctor(server.api_url, NO_PROXY="127.0.0.1")[1]["proxy"]["status"] == "ok"
        assert len(proxy.tunnels) == 7


def test_proxies_that_do_not_help(doctor: Doctor, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with serving(well, server_context(certificate)) as server:
        with connect_proxy("user:secret") as proxy:
            code, findings = doctor(**through(server, certificate, f"http://{proxy.place}"))
            assert (code, of("failed", findings)) == (1, ["tls"])
            assert "407" in findings["tls"]["found"]
            assert "USER:PASSWORD@" in findings["tls"]["remedy"]
        code, findings = doctor(**through(server, certificate, f"http://127.0.0.1:{free_port()}"))
        assert (code, of("failed", findings)) == (1, ["tcp"])
        assert "the proxy's variable" in findings["tcp"]["remedy"]
        code, findings = doctor(**through(server, certificate, "socks5://127.0.0.1:1080"))
        assert (code, of("failed", findings)) == (1, ["proxy"])
