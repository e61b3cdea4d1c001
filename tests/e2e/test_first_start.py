"""What an operator finds after the first `docker compose up`."""

import socket
import ssl
from contextlib import nullcontext

import httpx
import pytest

from tests.e2e.stack import Stack

SERVICES = {"postgres", "redis", "api", "scheduler", "nginx"}
NON_ROOT = ("api", "scheduler", "nginx")


def test_everything_is_healthy_and_what_runs_once_has_ended_well(stack: Stack) -> None:
    for container in stack.containers():
        service = container["Config"]["Labels"]["com.docker.compose.service"]
        state = container["State"]
        if service in SERVICES:
            assert state["Health"]["Status"] in {"healthy", "starting"}, (service, state)
        else:
            assert (state["Status"], state["ExitCode"]) == ("exited", 0), (service, state)


def test_there_are_two_of_each_that_can_be_doubled(stack: Stack) -> None:
    assert [len(stack.containers(service)) for service in ("api", "scheduler")] == [2, 2]


def test_only_the_proxy_can_be_reached_from_outside(stack: Stack) -> None:
    published = {
        container["Config"]["Labels"]["com.docker.compose.service"]
        for container in stack.containers()
        if any(container["NetworkSettings"]["Ports"].values())
    }
    assert published == {"nginx"}


@pytest.mark.parametrize("service", NON_ROOT)
def test_containers_do_not_run_as_root(stack: Stack, service: str) -> None:
    assert stack.compose("exec", "-T", service, "id", "-u").strip() != "0"


def test_no_secret_stands_in_an_environment_or_a_log(stack: Stack) -> None:
    password = stack.compose("exec", "-T", "api", "cat", "/run/database/password").strip()
    key = stack.compose("exec", "-T", "api", "cat", "/run/encryption/encryption.key").strip()
    told = stack.log_tail() + str(stack.containers())
    assert password
    assert key
    assert password not in told
    assert key not in told


def test_secrets_and_certificate_stay_at_the_next_start(stack: Stack) -> None:
    before = stack.compose("exec", "-T", "api", "cat", "/run/database/password"), stack.certificate.read_text()
    stack.compose("run", "--rm", "setup")
    after = (
        stack.compose("exec", "-T", "api", "cat", "/run/database/password"),
        stack.compose("exec", "-T", "nginx", "cat", "/run/tls/certificate.pem"),
    )
    assert after == before


def test_plain_http_leads_to_https(stack: Stack) -> None:
    answer = httpx.get(f"http://localhost:{stack.http_port}/api/x?y=1", timeout=10)
    assert answer.status_code == 308
    assert answer.headers["Location"] == f"https://localhost:{stack.https_port}/api/x?y=1"


@pytest.mark.parametrize(
    ("version", "is_spoken"), [("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)], ids=lambda each: str(each)
)
def test_tls_is_modern(stack: Stack, version: str, is_spoken: bool) -> None:
    context = stack.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with pytest.warns(DeprecationWarning, match="TLS") if not is_spoken else nullcontext():
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]

    def speak() -> str | None:
        with (
            socket.create_connection(("localhost", stack.https_port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secured,
        ):
            return secured.selected_alpn_protocol()

    if is_spoken:
        assert speak() == "h2"
    else:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            speak()


def test_answers_bear_what_browsers_are_to_heed(stack: Stack) -> None:
    status, headers, _ = stack.ask("/api/health")
    assert status == 200
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Request-ID"]


def test_figures_are_for_those_inside(stack: Stack) -> None:
    assert stack.ask("/api/metrics")[0] == 404
    inside = stack.compose("exec", "-T", "nginx", "curl", "-fsS", "http://api:4200/api/metrics")
    assert "ostinato_http_requests_total" in inside
    loops = stack.compose("exec", "-T", "nginx", "curl", "-fsS", "http://scheduler:4201/metrics")
    assert "ostinato_loop_ticks_total" in loops
