"""One cell of the matrix: a scenario run by one client against a running server, bounded in time."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from tests.compat.clients import Client

SCENARIOS = Path(__file__).parent / "scenarios"
CANNOT = 77
"""The exit status of a scenario that says it cannot work here (`_tools.cannot`)."""
REASON_LENGTH = 300
"""Characters of a failure's reason in the table; all of it is in the cell's log."""

QUICK = {
    "PREFECT_RUNNER_POLL_FREQUENCY": "1",
    "PREFECT_WORKER_QUERY_SECONDS": "1",
    "PREFECT_WORKER_HEARTBEAT_SECONDS": "2",
    "PREFECT_TASKS_RUNNER_THREAD_POOL_MAX_WORKERS": "8",
}
"""Settings of the client that spare waiting; the scenarios are right without them too."""


class Verdict(Enum):
    """How a cell ended."""

    OK = "ok"
    FAILED = "FAILED"
    CANNOT = "cannot"


@dataclass(frozen=True)
class Cell:
    """The outcome of one scenario with one client."""

    scenario: str
    client: Client
    verdict: Verdict
    seconds: float
    reason: str = ""
    notes: list[str] = field(default_factory=list[str])


def scenario_names() -> list[str]:
    """Return the names of all scenarios, the SDK's before the command line's."""
    names = [path.stem for path in SCENARIOS.glob("*.py") if not path.stem.startswith("_")]
    return sorted(names, key=lambda name: (name.startswith("cli_"), name))


def run_cell(scenario: str, client: Client, api_url: str, home: Path, time_limit: float) -> Cell:
    """Run a scenario in `home`, a directory of its own, which keeps its log; end it after `time_limit` seconds."""
    home.mkdir(parents=True)
    for name in ("_tools.py", f"{scenario}.py"):
        (home / name).write_text(client.port((SCENARIOS / name).read_text()))
    began = time.monotonic()
    with (home / "scenario.log").open("wb") as log:
        process = subprocess.Popen(
            [str(client.python), f"{scenario}.py"], stdout=log, stderr=subprocess.STDOUT,
            env=_environment(client, api_url, home), cwd=home, start_new_session=True,
        )  # fmt: skip
        try:
            status: int | None = process.wait(timeout=time_limit)
        except subprocess.TimeoutExpired:
            _interrupt(process)
            status = None
    output = (home / "scenario.log").read_text(errors="replace").splitlines()
    notes = sorted({line.removeprefix("NOTE ") for line in output if line.startswith("NOTE ")})
    reason = f"not done within {time_limit:.0f} s; " if status is None else ""
    match status:
        case 0:
            verdict = Verdict.OK
        case _ if status == CANNOT:
            verdict, reason = Verdict.CANNOT, output[-1] if output else "gave no reason"
        case _:
            verdict, reason = Verdict.FAILED, reason + _reason(output)
    return Cell(scenario, client, verdict, time.monotonic() - began, reason[:REASON_LENGTH], notes)


def _environment(client: Client, api_url: str, home: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("OSTINATO_", "PREFECT_"))}
    settings = QUICK | {"PREFECT_API_URL": api_url, "PREFECT_HOME": str(home / "client")}
    if client.is_own:
        settings = {name.replace("PREFECT_", "OSTINATO_", 1): value for name, value in settings.items()}
    return own | settings | {
        "COMPAT_API_URL": api_url,
        "COMPAT_PROGRAM": client.program,
        "COMPAT_VERSION": client.version,
        "PYTHONPATH": str(home),
        "PYTHONUNBUFFERED": "1",
        "PATH": f"{client.python.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "COLUMNS": "250",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }  # fmt: skip


def _interrupt(process: "subprocess.Popen[bytes]") -> None:
    """Let the scenario end what it started and tell where it stood; then end it by force."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=12)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _reason(output: list[str]) -> str:
    """Return what the scenario said of its failure, or else its last words."""
    told = [line.removeprefix("REASON ") for line in output if line.startswith("REASON ")]
    return told[-1] if told else (output[-1] if output else "no output")
