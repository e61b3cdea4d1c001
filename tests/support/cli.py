"""Runs the command line within the test's process."""

import os
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from ostinato.cli import output
from ostinato.cli.main import run
from ostinato.settings import current


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # any JSON value
        """Return what was printed as JSON; nothing else may be on stdout."""
        return orjson.loads(self.out)


class Cli:
    """Calls commands as a new process would: settings and consoles are read anew."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Outcome:
        output.console.cache_clear()
        current.reset_process()
        colors = os.environ.get("NO_COLOR")
        code = run(list(arguments))
        if colors is None:  # a command may have said so to all that it runs; the next is a process of its own
            os.environ.pop("NO_COLOR", None)
        captured = self._capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    def ok(self, *arguments: str) -> Outcome:
        """Call a command that must succeed."""
        outcome = self(*arguments)
        assert outcome.code == 0, outcome
        return outcome
