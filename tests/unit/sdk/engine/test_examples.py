"""The examples run."""

from __future__ import annotations

import runpy
from pathlib import Path

import ostinato
from tests.support.engine import FakeServer

EXAMPLES = Path(__file__).parents[4] / "examples"


def test_hello(server: FakeServer) -> None:
    module = runpy.run_path(str(EXAMPLES / "hello.py"))

    assert module["hello"]("you") == "Hello, you!"

    states = sorted(names[-1] for names in server.task_states().values())
    assert states == ["Completed"] * 5 + ["Failed"]
    assert [server.state_names(run)[-1] for run in server.flow_runs.values()] == ["Completed", "Completed"]


def test_public_names_are_there() -> None:
    for name in ostinato.__all__:
        assert getattr(ostinato, name) is not None
