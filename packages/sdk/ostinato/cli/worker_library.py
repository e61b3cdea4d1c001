"""The libraries that workers of a type need beside Ostinato: looking for them, and installing them."""

import subprocess
import sys
from enum import StrEnum
from importlib.util import find_spec
from typing import Final

from ostinato.cli import output

LIBRARIES: Final = {"docker": "docker", "kubernetes": "kubernetes_asyncio"}
"""Worker type -> module; the extra of the distribution `ostinato` that installs it has the type's name."""
INSTALL_SECONDS: Final = 600


class InstallPolicy(StrEnum):
    """When a worker's library is installed."""

    ALWAYS = "always"
    IF_NOT_PRESENT = "if-not-present"
    NEVER = "never"
    PROMPT = "prompt"


def ensure_library(worker_type: str, policy: InstallPolicy) -> None:
    """See that the library of a worker is there, as the policy says; else say how to get it, and end."""
    module = LIBRARIES.get(worker_type)
    if module is None:
        return
    is_here = find_spec(module) is not None
    if is_here and policy is not InstallPolicy.ALWAYS:
        return
    wanted = f"ostinato[{worker_type}]"
    by_hand = f'Workers of type {worker_type!r} need a library that is not installed: pip install "{wanted}"'
    if policy is InstallPolicy.NEVER or (policy is InstallPolicy.PROMPT and not output.is_interactive()):
        output.fail(by_hand)
    if policy is InstallPolicy.PROMPT:
        output.confirm(f"Workers of type {worker_type!r} need a library that is not installed. Install {wanted}?")
    output.say(f"Installing {wanted}...")
    command = [sys.executable, "-m", "pip", "install", "--quiet", *(["--upgrade"] if is_here else []), wanted]
    try:
        status = subprocess.run(command, timeout=INSTALL_SECONDS, check=False).returncode  # noqa: S603 - fixed words
    except subprocess.TimeoutExpired:
        output.fail(f"Installing {wanted} took longer than {INSTALL_SECONDS} seconds. {by_hand}")
    if status != 0:
        output.fail(f"{wanted} could not be installed. {by_hand}")
