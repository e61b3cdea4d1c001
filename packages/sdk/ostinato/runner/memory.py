"""Whether the kernel killed processes here because they used more memory than there is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_OWN: Final = Path("/proc/self/cgroup")
_ROOT: Final = Path("/sys/fs/cgroup")


def out_of_memory_kills(own: Path = _OWN, root: Path = _ROOT) -> int:
    """Return how many processes of this one's control group, such as a container, were killed; 0 if it is not told."""
    for path in _counters(own, root):
        try:
            text = path.read_text()
        except OSError:
            continue
        for line in text.splitlines():
            name, _, value = line.partition(" ")
            if name == "oom_kill" and value.isdecimal():
                return int(value)
    return 0


def _counters(own: Path, root: Path) -> list[Path]:
    """Return where the number may be: of the control groups' second version, and of the first."""
    found: list[Path] = []
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return found
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        below = path.lstrip("/")
        if not controllers:
            found += [root / below / "memory.events", root / "memory.events"]
        elif "memory" in controllers.split(","):
            found += [root / "memory" / below / "memory.oom_control", root / "memory" / "memory.oom_control"]
    return found
