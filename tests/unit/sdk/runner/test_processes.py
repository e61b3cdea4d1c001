"""Processes of runs: what they are told, what they tell, and how they are stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ostinato.engine.control import ControlLine
from ostinato.runner.processes import Exit, Job, RunProcess, exit_hint

LISTENER = """
import signal, sys, time
from ostinato.engine.control import ControlLine
line = ControlLine.inherited()
def told(*_):
    open("intent", "w").write(str(line.read_intent()))
    line.tell_reported()
    sys.exit(5)
signal.signal(signal.SIGTERM, told)
open("ready", "w").close()
time.sleep(60)
"""


def job(code: str, folder: Path) -> Job:
    return Job(dict(os.environ), (sys.executable, "-c", code), folder)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - another process changes it
        await asyncio.sleep(0.02)


async def ready(folder: Path) -> None:
    await until(lambda: (folder / "ready").exists())


def read(path: Path) -> str:
    return path.read_text()


def lives(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("intent", ["cancel", "reschedule", None])
async def test_a_process_learns_what_is_wanted_and_tells_what_it_did(intent: str | None, tmp_path: Path) -> None:
    process = await RunProcess.start(job(LISTENER, tmp_path))
    await ready(tmp_path)
    await process.stop(intent)
    assert await process.wait() == Exit(5, was_reported=True)
    assert read(tmp_path / "intent") == str(intent)


async def test_a_process_that_does_not_heed_is_killed_with_its_children(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('child', 'w').write(str(child.pid))\nopen('ready', 'w').close()\ntime.sleep(60)"
    )
    process = await RunProcess.start(job(code, tmp_path))
    await ready(tmp_path)
    await process.stop("cancel", grace_seconds=0.1)
    assert await process.wait() == Exit(-signal.SIGKILL, was_reported=False)
    child = int(read(tmp_path / "child"))
    await until(lambda: not lives(child))


async def test_a_command_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await RunProcess.start(Job(dict(os.environ), ("no-such-command",), tmp_path))


def test_without_a_supervisor_the_line_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT__CONTROL_FD", raising=False)
    line = ControlLine.inherited()
    line.tell_reported()
    assert line.read_intent() is None
    monkeypatch.setenv("PREFECT__CONTROL_FD", "99999")
    assert ControlLine.inherited().read_intent() is None


def test_python_of_a_command_is_this_one() -> None:
    assert Job.split("python -m x 'a b'") == (sys.executable, "-m", "x", "a b")
    assert Job.split("sh -c 'x'") == ("sh", "-c", "x")


def test_a_status_has_a_hint_where_something_is_known() -> None:
    assert "memory" in exit_hint(-9)
    assert exit_hint(77) == ""
