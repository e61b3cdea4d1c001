"""The web UI's journeys (`ui/e2e`), made in the machine's browser against a server."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UI = ROOT / "ui"
BUILT = ROOT / "packages" / "server" / "ostinato_server" / "ui" / "index.html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WITHIN = 1500.0
"""Seconds that a journey may take."""


def browser() -> str:
    """Return the path of the machine's browser; skips where the journeys cannot be made."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("there is no Chromium on this machine")
    if not (UI / "node_modules").is_dir() or not BUILT.is_file():
        pytest.skip("the web UI is not built: make ui")
    return found


def make_journey(url: str, journey: str, settings: Mapping[str, str] | None = None) -> None:
    """Make a journey through the UI at an address; fails with what the browser said."""
    environment = {
        **os.environ,
        "OSTINATO_UI_URL": url.rstrip("/"),
        "OSTINATO_UI_BROWSER": browser(),
        "OSTINATO_UI_PYTHON": sys.executable,
        **(settings or {}),
    }
    command = [UI / "node_modules" / ".bin" / "vitest", "run", "--config", "e2e/vitest.config.ts", f"e2e/{journey}"]
    done = subprocess.run(
        command,
        cwd=UI,
        env=environment,
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
