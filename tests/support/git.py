"""Repositories of git on this machine, for tests; no settings of the user reach them."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Repository:
    """A repository with a working copy."""

    folder: Path

    @property
    def url(self) -> str:
        """Its address."""
        return f"file://{self.folder}"

    def git(self, *arguments: str) -> str:
        """Run git in it and return what it prints."""
        ended = subprocess.run(["git", "-C", str(self.folder), *arguments], capture_output=True, text=True, check=True)
        return ended.stdout.strip()

    def commit(self, **files: str) -> str:
        """Write files (`__` in a name stands for `/`, `_py` at its end for `.py`) and commit; return the commit."""
        for name, text in files.items():
            path = self.folder / (name.replace("__", "/").removesuffix("_py") + (".py" if name.endswith("_py") else ""))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"change {', '.join(files)}")
        return self.git("rev-parse", "HEAD")


def new_repository(folder: Path) -> Repository:
    """Make an empty repository with the branch `main`."""
    folder.mkdir(parents=True)
    repository = Repository(folder)
    repository.git("init", "-q", "-b", "main")
    return repository


def alone_with_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git know an author and nothing of the user; repositories may be cloned as submodules of each other."""
    settings = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "protocol.file.allow",
        "GIT_CONFIG_VALUE_0": "always",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    pipelines = ("GITHUB_SHA", "CI_COMMIT_SHA", "BITBUCKET_COMMIT", "BUILD_SOURCEVERSION")
    for name in pipelines:
        monkeypatch.delenv(name, raising=False)
