"""Starts what is done in a browser against a server: the scripts of `ui/e2e`."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tests.support.server import Server
from tests.support.ui import UI, browser


def run_script(
    name: str,
    server: Server,
    ids: Mapping[str, str],
    more: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
) -> int:
    """Run a script against a server; return its status. What it says goes to stderr; `more` is for vitest."""
    environment = {
        **os.environ,
        "OSTINATO_UI_URL": server.url,
        "OSTINATO_UI_BROWSER": browser(),
        "OSTINATO_UI_PYTHON": sys.executable,
        "OSTINATO_UI_SHOWN": json.dumps(dict(ids)),
        **(settings or {}),
    }
    vitest = str(UI / "node_modules" / ".bin" / "vitest")
    command = [vitest, "run", "--config", "e2e/tools.config.ts", f"e2e/{name}.ts", *more]
    return subprocess.run(command, cwd=UI, env=environment, stdout=sys.stderr, check=False).returncode
