"""A place without settings of the machine, and distributions that exist for one test only."""

import importlib
import os
import sys
from pathlib import Path

import pytest

from ostinato.settings import current
from ostinato.settings.catalogue import all_settings, by_accepted_name


def clear_settings(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Empty the environment of settings, work in `folder`, and return the home below it."""
    for name in list(os.environ):
        if name.startswith(("OSTINATO_", "PREFECT_")):
            monkeypatch.delenv(name)
    home = folder / "home"
    monkeypatch.setenv("OSTINATO_HOME", str(home))
    monkeypatch.chdir(folder)
    current.reset_process()
    return home


def own_environment() -> dict[str, str]:
    """Return the environment of this process without settings of the machine, for processes of a test."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("OSTINATO_", "PREFECT_"))}


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, module: str, source: str, entry_points: str) -> None:
    """Put a distribution with one module and entry points on the path."""
    (folder / f"{module}.py").write_text(source)
    metadata = folder / f"{module}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(entry_points)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    importlib.invalidate_caches()
    monkeypatch.delitem(sys.modules, module, raising=False)
    forget_contributed()


def forget_contributed() -> None:
    """Let contributed settings be looked for anew."""
    all_settings.cache_clear()
    by_accepted_name.cache_clear()
