"""The process of one flow run: started in a session of its own, told what is wanted of it, stopped with grace."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import orjson

from ostinato.engine import warm
from ostinato.engine.control import REPORTED, VARIABLE
from ostinato.settings import get_current_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

GRACE_SECONDS = 30.0
"""How long a process may take to end after SIGTERM, before SIGKILL."""

ENGINE_COMMAND = (sys.executable, "-m", "ostinato.engine")

_HINTS = {
    -9: "The process was killed (SIGKILL); often because it used more memory than there was.",
    137: "The process was killed (SIGKILL); often because it used more memory than there was.",
    -15: "The process was terminated (SIGTERM) from outside.",
    143: "The process was terminated (SIGTERM) from outside.",
    -11: "The process crashed in native code (segmentation fault).",
    1: "General error: the log of the process tells which.",
    125: "The container could not be started.",
    126: "The command was found but cannot be executed.",
    127: "The command was not found.",
    247: "The process was stopped; often because it used more memory than there was.",
}


def exit_hint(status: int) -> str:
    """Return a sentence on what an exit status usually means; empty if nothing is known."""
    return _HINTS.get(status, "")


def child_environment(run_id: UUID, additions: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a run's process: this one's, the settings in force, the run's id, and `additions`."""
    settings = get_current_settings().to_environment_variables()
    return {**os.environ, **settings, "PREFECT__FLOW_RUN_ID": str(run_id), **(additions or {})}


@dataclass(frozen=True)
class Job:
    """What to start for a run."""

    environment: Mapping[str, str]
    command: tuple[str, ...] = ENGINE_COMMAND
    directory: Path | None = None
    stream_output: bool = True

    @staticmethod
    def split(command: str) -> tuple[str, ...]:
        """Return the words of a command line; `python` is the interpreter that runs this."""
        words = shlex.split(command)
        return (sys.executable, *words[1:]) if words[:1] == ["python"] else tuple(words)


@dataclass(frozen=True)
class Exit:
    """How a process ended: its status (negative: by a signal), and whether it told the server of the run's end."""

    status: int
    was_reported: bool


@dataclass
class RunProcess:
    """A running process of a flow run. Made by `start`."""

    _process: asyncio.subprocess.Process
    _line: socket.socket
    _exit: Exit | None = field(default=None)

    @classmethod
    async def start(cls, job: Job) -> Self:
        """Start the process. Raises OSError if the command or the folder is not there."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                output = None if job.stream_output else asyncio.subprocess.DEVNULL
                process = await asyncio.create_subprocess_exec(
                    *job.command,
                    env={**job.environment, VARIABLE: str(theirs.fileno())},
                    cwd=job.directory,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,  # Ctrl-C is for the supervisor, which decides what becomes of its runs
                )
        except BaseException:
            ours.close()
            raise
        ours.setblocking(False)
        return cls(process, ours)

    @classmethod
    async def start_warm(cls, environment: Mapping[str, str], directory: Path) -> Self:
        """Start an engine that waits for `hand_over`. It ends by itself when this process does. Raises OSError."""
        return await cls.start(Job({**environment, warm.VARIABLE: "1"}, directory=directory))

    async def is_ready(self) -> bool:
        """Wait until a process that was started ahead has loaded all that it can; False if it ended instead."""
        return await self._hears(warm.READY)

    async def hand_over(self, job: Job) -> None:
        """Let a process that is ready do the job, whose command is the engine's. Raises OSError if it has ended."""
        told = {
            "environment": dict(job.environment),
            "directory": str(Path.cwd() / (job.directory or ".")),
            "stream_output": job.stream_output,
        }
        text = orjson.dumps(told)
        header = len(text).to_bytes(warm.HEADER_BYTES)
        await asyncio.get_running_loop().sock_sendall(self._line, header + text)
        if not await self._hears(warm.TAKEN):
            raise ProcessLookupError(f"process {self.pid} has ended")

    async def _hears(self, word: bytes) -> bool:
        """Wait until the process says something; whether it is `word`: it may end instead."""
        saying = asyncio.create_task(asyncio.get_running_loop().sock_recv(self._line, len(word)))
        ending = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait((saying, ending), return_when=asyncio.FIRST_COMPLETED)
            return saying.done() and saying.exception() is None and saying.result() == word
        finally:
            saying.cancel()
            ending.cancel()
            await asyncio.gather(saying, ending, return_exceptions=True)

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    @property
    def pid(self) -> int:
        """The id of the process, and of its group."""
        return self._process.pid

    async def wait(self) -> Exit:
        """Wait until the process has ended."""
        status = await self._process.wait()
        if self._exit is None:
            self._exit = Exit(status, self._was_reported())
            self._line.close()
        return self._exit

    def _was_reported(self) -> bool:
        try:
            return REPORTED in self._line.recv(4096)
        except OSError:  # nothing was said
            return False

    async def stop(self, intent: str | None, grace_seconds: float = GRACE_SECONDS) -> None:
        """Say what is wanted, send SIGTERM, and SIGKILL to the whole group if the process does not end in time."""
        if self._process.returncode is not None:
            return
        if intent is not None:
            try:
                self._line.send(f"{intent}\n".encode())
            except OSError:  # it has closed its end
                pass
        _signal(self._process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(grace_seconds):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        """End the process and its group at once."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
