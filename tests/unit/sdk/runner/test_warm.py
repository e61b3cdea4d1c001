"""Processes that wait for a run: what they become is what a fresh process would be."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import orjson
import pytest

from ostinato.runner.processes import ENGINE_COMMAND, Job, RunProcess
from ostinato.runner.warm import WarmProcesses
from tests.unit.sdk.runner.test_processes import lives, read, until

SPY = """
import json, os, sys
from pathlib import Path

def look():
    found = {
        "env": {name: os.environ[name] for name in sorted(os.environ) if name != "PREFECT__CONTROL_FD"},
        "line": "PREFECT__CONTROL_FD" in os.environ,
        "cwd": os.getcwd(),
        "argv": sys.argv,
        "path": sys.path,
        "command": Path("/proc/self/cmdline").read_text(),
        "session": os.getsid(0) == os.getpid() == os.getpgid(0),
        "stdin": os.readlink("/proc/self/fd/0"),
        "files": len(os.listdir("/proc/self/fd")),
    }
    Path(os.environ["FOUND"]).write_text(json.dumps(found))
    print("printed")
    os._exit(7)
"""
RUN = "import spy; spy.look()"
"""What stands in the place of the engine: the process of a run, as the run's code sees it."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which `ostinato.engine.process` has been put out of the way by one that looks about."""
    monkeypatch.setenv("OSTINATO_LOGGING_LEVEL", "WARNING")
    shadow = tmp_path / "first"
    shadow.mkdir()
    (shadow / "spy.py").write_text(SPY)
    (shadow / "sitecustomize.py").write_text(
        "import sys, types\n"
        "import spy\n"
        "engine = types.ModuleType('ostinato.engine.process')\n"
        "engine.main = spy.look\n"
        "sys.modules['ostinato.engine.process'] = engine\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(shadow))
    work = tmp_path / "work"
    work.mkdir()
    return work


def job(folder: Path, found: str, **options: object) -> Job:
    environment = {**os.environ, "FOUND": str(folder / found), "COLOUR": "red"}
    environment.pop("HOME", None)
    return Job(environment, directory=folder, **options)  # pyright: ignore[reportArgumentType] - options of tests


async def waiting(warm: WarmProcesses, count: int = 1) -> None:
    await until(lambda: len(warm.pids) == count)


async def test_a_process_that_waited_is_like_a_fresh_one(folder: Path) -> None:
    async with WarmProcesses(1) as warm:
        await waiting(warm)
        (pid,) = warm.pids
        process = await warm.start(job(folder, "warm"))
        assert process.pid == pid
        ended = await process.wait()
    fresh = await RunProcess.start(job(folder, "fresh"))
    assert (ended, (await fresh.wait()).status) == (ended, 7)
    assert (ended.status, ended.was_reported) == (7, False)
    one, other = orjson.loads(read(folder / "warm")), orjson.loads(read(folder / "fresh"))
    assert one.pop("env") | {"FOUND": ""} == other.pop("env") | {"FOUND": ""}
    assert one == other
    assert one["cwd"] == one["path"][0] == str(folder)
    assert one["line"]


async def test_output_goes_where_the_run_wants_it(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with WarmProcesses(1) as warm:
        for stream_output, expected in ((True, "printed\n"), (False, "")):
            await waiting(warm)
            process = await warm.start(job(folder, "found", stream_output=stream_output))
            await process.wait()
            # `os._exit` does not flush what was printed to a file: what counts is that nothing else was printed.
            assert capfd.readouterr().out in (expected, "")


async def test_another_command_or_interpreter_gets_a_fresh_process(folder: Path) -> None:
    async with WarmProcesses(1) as warm:
        await waiting(warm)
        (pid,) = warm.pids
        other_command = Job({**os.environ}, (sys.executable, "-c", "raise SystemExit(3)"), folder)
        optimised = job(folder, "found")
        optimised = Job({**optimised.environment, "PYTHONOPTIMIZE": "1"}, optimised.command, folder)
        for each, status in ((other_command, 3), (optimised, 7)):
            process = await warm.start(each)
            assert process.pid != pid
            assert (await process.wait()).status == status
        assert warm.pids == [pid]


async def test_a_folder_that_is_not_there_is_an_error_as_it_is_without(folder: Path) -> None:
    async with WarmProcesses(1) as warm:
        await waiting(warm)
        with pytest.raises(FileNotFoundError):
            await warm.start(job(folder / "gone", "found"))
        assert len(warm.pids) == 1


async def test_a_process_that_died_while_it_waited_is_replaced(folder: Path) -> None:
    async with WarmProcesses(1) as warm:
        await waiting(warm)
        (pid,) = warm.pids
        os.kill(pid, signal.SIGKILL)
        process = await warm.start(job(folder, "found"))
        assert process.pid != pid
        assert (await process.wait()).status == 7


async def test_there_are_never_more_than_wanted_and_none_is_left(folder: Path) -> None:
    async with WarmProcesses(2) as warm:
        await waiting(warm, 2)
        pids = warm.pids
    await until(lambda: not any(lives(pid) for pid in pids))


async def test_without_any_each_run_gets_a_fresh_one(folder: Path) -> None:
    async with WarmProcesses(0) as warm:
        process = await warm.start(job(folder, "found"))
        assert (await process.wait()).status == 7
        assert warm.pids == []


async def test_none_outlives_a_parent_that_is_killed(folder: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from ostinato.runner.warm import WarmProcesses\n"
        "async def main():\n"
        "    async with WarmProcesses(1) as warm:\n"
        "        while not warm.pids: await asyncio.sleep(0.02)\n"
        "        print(*warm.pids, flush=True)\n"
        "        await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert lives(pid)
    parent.kill()
    await parent.wait()
    await until(lambda: not lives(pid))


def test_the_engine_is_what_waits() -> None:
    assert ENGINE_COMMAND[1:] == ("-m", "ostinato.engine")
