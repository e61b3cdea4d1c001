"""Blocks that keep files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ostinato.filesystems import SMB, LocalFileSystem, NullFileSystem, RemoteFileSystem


def test_files_are_kept_below_the_base_path(tmp_path: Path) -> None:
    storage = LocalFileSystem(basepath=str(tmp_path))
    where = storage.write_path("a/b.txt", b"text")
    assert where == str(tmp_path / "a" / "b.txt")
    assert storage.read_path("a/b.txt") == b"text"
    assert storage.read_path(where) == b"text"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.txt"]


@pytest.mark.parametrize("path", ["../out", "/etc/passwd", "a/../../out"])
def test_nothing_leaves_the_base_path(tmp_path: Path, path: str) -> None:
    storage = LocalFileSystem(basepath=str(tmp_path))
    with pytest.raises(ValueError, match="outside of the base path"):
        storage.write_path(path, b"")
    with pytest.raises(ValueError, match="outside of the base path"):
        storage.read_path(path)


def test_what_is_no_file_cannot_be_read(tmp_path: Path) -> None:
    storage = LocalFileSystem(basepath=str(tmp_path))
    with pytest.raises(ValueError, match="There is no file"):
        storage.read_path("nowhere")
    with pytest.raises(ValueError, match="is not a file"):
        storage.read_path(".")


def fill(folder: Path) -> None:
    for name in ("one.py", "two.log", "deep/three.py", "deep/four.log"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_folders_are_copied_without_what_is_ignored(tmp_path: Path) -> None:
    fill(tmp_path / "project")
    (tmp_path / "ignore").write_text("# logs\n*.log\n")
    storage = LocalFileSystem(basepath=str(tmp_path / "base"))
    count = storage.put_directory(str(tmp_path / "project"), "code", ignore_file=str(tmp_path / "ignore"))
    assert count == 2
    assert files_in(tmp_path / "base" / "code") == ["deep/three.py", "one.py"]
    storage.get_directory("code", str(tmp_path / "back"))
    assert files_in(tmp_path / "back") == ["deep/three.py", "one.py"]


async def test_async_code_reads_and_writes(tmp_path: Path) -> None:
    storage = LocalFileSystem(basepath=str(tmp_path))
    await storage.awrite_path("a", b"1")
    reading: Any = storage.read_path("a")  # Any: typed for sync code, an awaitable here
    assert (await storage.aread_path("a"), await reading) == (b"1", b"1")
    assert storage.read_path("a", _sync=True) == b"1"  # pyright: ignore[reportCallIssue] - as in the reference


def test_remote_files(tmp_path: Path) -> None:
    storage = RemoteFileSystem(basepath="memory://bucket/folder")
    assert storage.write_path("a/b.txt", b"text") == "memory://bucket/folder/a/b.txt"
    assert storage.read_path("a/b.txt") == b"text"
    assert storage.read_path("memory://bucket/folder/a/b.txt") == b"text"
    with pytest.raises(ValueError, match="There is no file"):
        storage.read_path("nowhere")
    for path in ("../out", "memory://bucket/other"):
        with pytest.raises(ValueError, match="outside of the base path"):
            storage.read_path(path)
    fill(tmp_path / "project")
    assert storage.put_directory(str(tmp_path / "project"), "code") == 4
    storage.get_directory("code", str(tmp_path / "back"))
    assert files_in(tmp_path / "back") == ["deep/four.log", "deep/three.py", "one.py", "two.log"]


@pytest.mark.parametrize("basepath", ["bucket/folder", "file:///tmp", "s3://"])
def test_a_remote_base_path_has_a_scheme(basepath: str) -> None:
    with pytest.raises(ValueError, match=r"scheme|LocalFileSystem"):
        RemoteFileSystem(basepath=basepath)


def test_a_share_is_addressed_by_its_server() -> None:
    block = SMB(share_path="/share/folder/", smb_host="files.example.com")
    assert vars(SMB)["_root"](block) == "smb://files.example.com/share/folder"


async def test_nothing_is_kept_by_the_null_storage() -> None:
    await NullFileSystem().write_path("a", b"1")
    await NullFileSystem().read_path("a")
