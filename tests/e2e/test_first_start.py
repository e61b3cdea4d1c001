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
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-ID"]
    assert "Content-Encoding" in stack.ask("/api/openapi.json")[1]


def test_body_that_is_too_large_is_refused_before_it_is_sent(stack: Stack) -> None:
    with (
        socket.create_connection(("localhost", stack.https_port), timeout=10) as plain,
        stack.context().wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        size = 33 * 1024 * 1024
        secured.sendall(f"POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n".encode())
        assert secured.recv(64).startswith(b"HTTP/1.1 413 ")


def test_containers_take_no_more_memory_than_they_may(stack: Stack) -> None:
    limits = {
        container["Config"]["Labels"]["com.docker.compose.service"]: container["HostConfig"]["Memory"]
        for container in stack.containers()
    }
    assert all(limits[service] > 0 for service in SERVICES), limits


def test_figures_are_for_those_inside(stack: Stack) -> None:
    assert stack.ask("/api/metrics")[0] == 404
    inside = stack.compose("exec", "-T", "nginx", "curl", "-fsS", "http://api:4200/api/metrics")
    assert "ostinato_http_requests_total" in inside
    assert 'ostinato_database_connections{which="most"} 8.0' in inside
    loops = stack.compose("exec", "-T", "nginx", "curl", "-fsS", "http://scheduler:4201/metrics")
    assert "ostinato_loop_ticks_total" in loops
