"""Commands run with an empty home and environment."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import Cli
from tests.support.settings import clear_settings, forget_contributed


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home folder of the settings, not made yet."""
    yield clear_settings(monkeypatch, tmp_path)
    forget_contributed()


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Call commands: `cli("config", "view")`."""
    return Cli(capsys)
