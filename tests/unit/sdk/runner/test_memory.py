"""The kernel's count of processes that it killed for want of memory."""

from pathlib import Path

import pytest

from ostinato.runner.memory import out_of_memory_kills

EVENTS = "low 0\nhigh 0\nmax 12\noom 2\noom_kill 2\n"
CONTROL = "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"


@pytest.mark.parametrize(
    ("own", "files", "expected"),
    [
        ("0::/work.slice/x.scope\n", {"work.slice/x.scope/memory.events": EVENTS}, 2),
        ("0::/outside/the/container\n", {"memory.events": EVENTS}, 2),
        ("3:cpu:/x\n9:memory:/docker/x\n0::/\n", {"memory/memory.oom_control": CONTROL}, 3),
        ("0::/\n", {}, 0),
        ("", {}, 0),
    ],
)
def test_it_is_read_where_the_kernel_tells_it(own: str, files: dict[str, str], expected: int, tmp_path: Path) -> None:
    (tmp_path / "cgroup").write_text(own)
    for name, text in files.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert out_of_memory_kills(tmp_path / "cgroup", tmp_path / "root") == expected


def test_where_nothing_is_told_there_were_none(tmp_path: Path) -> None:
    assert out_of_memory_kills(tmp_path / "gone", tmp_path) == 0
