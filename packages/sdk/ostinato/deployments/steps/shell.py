"""Steps that run commands."""

from __future__ import annotations

import os
import shlex
import string
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject

SHOWN = 1000
"""Characters of a failed command's output that its error shows."""


def run_shell_script(
    script: str,
    directory: str | None = None,
    env: Mapping[str, str] | None = None,
    stream_output: bool = True,
    expand_env_vars: bool = False,
    shell: bool = False,
) -> JsonObject:
    """Run each line of a script as a command, until one fails; `stdout` and `stderr` are what they printed.

    With `shell` each line is one of the system's shell. `env` is added to this process's environment; with
    `expand_env_vars` `$NAME` in the script is replaced from both. Raises RuntimeError for a status other than 0.
    """
    environment = {**os.environ, **(env or {})}
    if expand_env_vars:
        script = string.Template(script).safe_substitute(environment)
    printed = _Printed(stream_output)
    for line in filter(None, map(str.strip, script.splitlines())):
        words = line if shell else shlex.split(line, posix=os.name != "nt")
        with subprocess.Popen(  # noqa: S603 - commands of the deployment's author
            words, shell=shell, cwd=directory, env=environment, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            printed.follow(process)
        if process.returncode:
            end = printed.err[-1].strip()[-SHOWN:]
            raise RuntimeError(f"The command {words[0]!r} ended with status {process.returncode}: {end}")
    return {"stdout": "".join(printed.out).strip(), "stderr": "".join(printed.err).strip()}


class _Printed:
    """What commands print, on both streams."""

    def __init__(self, stream_output: bool) -> None:
        self.out: list[str] = []
        self.err: list[str] = []
        self._stream = stream_output

    def follow(self, process: subprocess.Popen[str]) -> None:
        """Read both streams of a process to their ends."""
        other = threading.Thread(target=self._read, args=(process.stderr, self.err, sys.stderr), daemon=True)
        other.start()
        self._read(process.stdout, self.out, sys.stdout)
        other.join()

    def _read(self, pipe: IO[str] | None, kept: list[str], shown: IO[str]) -> None:
        kept.append("")
        for line in pipe or ():
            kept[-1] += line
            if self._stream:
                shown.write(line)


def pip_install_requirements(
    directory: str | None = None, requirements_file: str = "requirements.txt", stream_output: bool = True
) -> JsonObject:
    """Install what a file of requirements lists into this Python. Raises RuntimeError."""
    command = shlex.join([sys.executable, "-m", "pip", "install", "-r", requirements_file])
    return run_shell_script(command, directory=directory, stream_output=stream_output)
