"""Both SDKs run flows through the proxy, trusting its certificate by `SSL_CERT_FILE` alone."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command_line import ostinato
from tests.e2e.flows import finish, start
from tests.e2e.stack import Stack
from tests.support.clients import PRODUCTS, Product


def runs_of(stack: Stack, name: str) -> list[Any]:  # Any: JSON
    return stack.ask("/api/flow_runs/filter", "POST", {"flow_runs": {"name": {"any_": [name]}}})[2]


@pytest.mark.parametrize("product", PRODUCTS)
def test_flow_runs_and_all_of_it_can_be_read(stack: Stack, tmp_path: Path, product: Product) -> None:
    finish([start(stack, tmp_path, product, "0", "5", f"clients-{product}")])
    (run,) = runs_of(stack, f"clients-{product}")
    assert run["state"]["type"] == "COMPLETED"
    wanted = {"task_runs": {"flow_run_id": {"any_": [run["id"]]}}}
    tasks = stack.ask("/api/task_runs/filter", "POST", wanted)[2]
    assert [task["state"]["type"] for task in tasks] == ["COMPLETED"] * 5
    deadline = time.monotonic() + 20
    lines: list[str] = []
    while time.monotonic() < deadline and len([line for line in lines if line.startswith("adding")]) < 5:
        found = stack.ask("/api/logs/filter", "POST", {"logs": {"flow_run_id": {"any_": [run["id"]]}}})[2]
        lines = [each["message"] for each in found]
    assert [line for line in lines if line.startswith("adding")] == [f"adding {x}" for x in range(5)]


def test_doctor_finds_everything_well(stack: Stack, tmp_path: Path) -> None:
    done = ostinato(stack, tmp_path, "doctor")
    assert done.returncode == 0, done.stdout + done.stderr


def test_who_wants_no_certificate_checked_gets_an_answer(stack: Stack, tmp_path: Path) -> None:
    done = ostinato(stack, tmp_path, "flow-run", "ls", SSL_CERT_FILE=None, OSTINATO_API_TLS_INSECURE_SKIP_VERIFY="true")
    assert done.returncode == 0, done.stdout + done.stderr


def test_who_does_not_trust_the_certificate_is_told_what_to_do(stack: Stack, tmp_path: Path) -> None:
    done = ostinato(stack, tmp_path, "flow-run", "ls", SSL_CERT_FILE=None)
    assert done.returncode == 1
    assert "certificate" in (done.stdout + done.stderr).lower()
