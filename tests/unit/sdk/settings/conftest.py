"""Every test of settings starts from an empty environment and folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.settings import clear_settings, forget_contributed


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home folder of the settings, not made yet."""
    yield clear_settings(monkeypatch, tmp_path)
    forget_contributed()
