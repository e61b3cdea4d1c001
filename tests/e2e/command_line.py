"""`ostinato`, as its users on another machine run it against the stack."""

import subprocess
import sys
from pathlib import Path

from tests.e2e.stack import Stack


def ostinato(stack: Stack, home: Path, *words: str, **settings: str | None) -> "subprocess.CompletedProcess[str]":
    """Run a command in `home`; a setting of None is taken out of the environment, which trusts the certificate."""
    environment = stack.client_environment("ostinato", home) | settings
    return subprocess.run(
        [str(Path(sys.executable).with_name("ostinato")), *words],
        env={name: value for name, value in environment.items() if value is not None},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
