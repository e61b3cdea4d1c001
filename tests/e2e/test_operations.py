"""What operators do to a running stack, and what clients notice of it."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.flows import finish, start
from tests.e2e.stack import ROOT, Stack
from tests.e2e.test_clients import runs_of
from tests.support.clients import PRODUCTS


@contextmanager
def asked_all_the_time(stack: Stack) -> Generator[list[int]]:
    """Ask the API again and again while the block lasts; the list has the statuses of the answers."""
    statuses: list[int] = []
    stopped = threading.Event()

    def ask() -> None:
        while not stopped.is_set():
            statuses.append(stack.ask("/api/flow_runs/count", "POST", {})[0])

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def command(stack: Stack, home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run `ostinato ...` as somebody at a desk does."""
    program = str(Path(sys.executable).with_name("ostinato"))
    environment = stack.client_environment("ostinato", home)
    return subprocess.run([program, *words], env=environment, capture_output=True, text=True, timeout=120, check=True)


def test_migrating_a_live_stack_refuses_no_request(stack: Stack) -> None:
    with asked_all_the_time(stack) as statuses:
        stack.compose("run", "--rm", "migrator")
    assert set(statuses) == {200}


def test_restarting_replicas_one_after_the_other_refuses_no_request(stack: Stack) -> None:
    with asked_all_the_time(stack) as statuses:
        for container in stack.containers("api"):
            name = container["Name"].lstrip("/")
            subprocess.run(["docker", "restart", "-t", "30", name], check=True, capture_output=True, timeout=90)
            stack.compose("up", "-d", "--wait", "--no-recreate", "--no-deps", "api")
    assert set(statuses) == {200}


def test_flows_live_through_maintenance(stack: Stack, tmp_path: Path) -> None:
    flows = [start(stack, tmp_path / product, product, "0.4", "10", f"kept-{product}") for product in PRODUCTS]
    deadline = time.monotonic() + 60
    while not all(runs_of(stack, f"kept-{product}") for product in PRODUCTS):
        assert time.monotonic() < deadline
    command(stack, tmp_path, "server", "maintenance", "on", "--retry-after", "1")
    status, headers, _ = stack.ask("/api/flow_runs/count", "POST", {})
    assert (status, headers["Prefect-Maintenance"]) == (503, "true")
    told_by_proxy(stack)
    # Both replicas are exchanged for new ones meanwhile, as an upgrade does.
    stack.compose("up", "-d", "--force-recreate", "--no-deps", "--wait", "api")
    stack.wait_until_ready()
    assert stack.ask("/api/flow_runs/count", "POST", {})[0] == 503
    command(stack, tmp_path, "server", "maintenance", "off")
    finish(flows)
    for product in PRODUCTS:
        assert [run["state"]["type"] for run in runs_of(stack, f"kept-{product}")] == ["COMPLETED"]


def told_by_proxy(stack: Stack) -> None:
    """While no replica is there, the proxy says for them that there is maintenance, for as long as it takes."""
    # It looks once a second.
    stack.compose("exec", "-T", "nginx", "sh", "-c", "until [ -f /tmp/maintenance ]; do sleep 0.1; done")
    stack.compose("stop", "api")
    for _ in range(3):
        status, headers, _ = stack.ask("/api/flow_runs/count", "POST", {})
        assert (status, headers["Prefect-Maintenance"], headers["Retry-After"]) == (503, "true", "5")


def test_without_redis_work_goes_on(stack: Stack, tmp_path: Path) -> None:
    stack.compose("stop", "redis")
    try:
        finish([start(stack, tmp_path, "ostinato", "0", "3", "without-redis")])
        assert [run["state"]["type"] for run in runs_of(stack, "without-redis")] == ["COMPLETED"]
    finally:
        stack.compose("start", "redis")


def test_while_the_api_is_away_clients_are_told_when_to_ask_again(stack: Stack) -> None:
    stack.compose("stop", "api")
    try:
        status, headers, body = stack.ask("/api/flow_runs/count", "POST", {})
        assert (status, headers["Retry-After"]) == (503, "5")
        assert "Prefect-Maintenance" not in headers
        assert "try again" in body["detail"]
    finally:
        stack.compose("start", "api")
        stack.wait_until_ready()


def test_everything_can_be_served_below_a_path(stack: Stack) -> None:
    before = stack.ask("/api/admin/version")[2]
    with stack.below("/any/prefix"):
        assert stack.ask("/api/admin/version")[2] == before
        # A path with a slash too many is sent on to the right one, below the same path.
        assert stack.ask("/api/health/")[0] == 200


def test_a_backup_restores_what_was_lost(stack: Stack, tmp_path: Path) -> None:
    made = stack.ask("/api/variables/", "POST", {"name": "kept", "value": {"answer": 42}})[2]
    environment = stack.environment({})
    folder = tmp_path / "backup"
    subprocess.run(["sh", str(ROOT / "ops" / "backup.sh"), str(folder)], env=environment, check=True, timeout=120)
    assert {path.name for path in folder.iterdir()} == {"database.dump", "encryption.key"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    assert stack.ask("/api/variables/name/kept", "DELETE")[0] == 204
    subprocess.run(["sh", str(ROOT / "ops" / "restore.sh"), str(folder)], env=environment, check=True, timeout=300)
    stack.wait_until_ready()
    assert stack.ask("/api/variables/name/kept")[2]["id"] == made["id"]
    assert json.dumps(stack.ask("/api/variables/name/kept")[2]["value"]) == '{"answer": 42}'
