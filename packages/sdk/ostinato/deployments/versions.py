"""Where a version of a deployment comes from: what the pipeline or the git repository here says (features T14)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

SIMPLE: Final = "prefect:simple"
GIT: Final = "vcs:git"
SHORT = 8
"""Characters of a commit's hash that name a version."""


def version_info(version: str | None = None, version_type: str | None = None) -> dict[str, str] | None:
    """Return what is sent beside a version: its type, and for code from git the commit, message, branch and place.

    Without a type the first that fits is taken: a pipeline's, then the repository of the working directory, then
    `prefect:simple`; None if there is nothing to tell. Raises ValueError for a type that is not known, or that this
    place knows nothing of.
    """
    if version_type == SIMPLE:
        return {"type": SIMPLE, "version": version} if version else None
    if version_type is not None and version_type not in _SOURCES:
        raise ValueError(f"Version types are {', '.join([*_SOURCES, SIMPLE])}; got {version_type!r}.")
    for kind, source in _SOURCES.items():
        if version_type not in (None, kind):
            continue
        found = source(os.environ)
        if found is not None:
            told = {name: value for name, value in found.items() if value}
            return {"type": kind, "version": version or found["commit_sha"][:SHORT], **told}
    if version_type is not None:
        raise ValueError(f"Nothing here tells of a version of type {version_type!r}.")
    return {"type": SIMPLE, "version": version} if version else None


def _github(environment: Mapping[str, str]) -> dict[str, str] | None:
    repository = environment.get("GITHUB_REPOSITORY", "")
    return _told(
        environment.get("GITHUB_SHA"),
        environment.get("GITHUB_HEAD_REF") or environment.get("GITHUB_REF_NAME"),
        repository,
        f"{environment.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}" if repository else "",
    )


def _gitlab(environment: Mapping[str, str]) -> dict[str, str] | None:
    return _told(
        environment.get("CI_COMMIT_SHA"),
        environment.get("CI_COMMIT_REF_NAME"),
        environment.get("CI_PROJECT_PATH") or environment.get("CI_PROJECT_NAME"),
        environment.get("CI_PROJECT_URL"),
        environment.get("CI_COMMIT_MESSAGE"),
    )


def _bitbucket(environment: Mapping[str, str]) -> dict[str, str] | None:
    return _told(
        environment.get("BITBUCKET_COMMIT"),
        environment.get("BITBUCKET_BRANCH"),
        environment.get("BITBUCKET_REPO_FULL_NAME") or environment.get("BITBUCKET_REPO_SLUG"),
        environment.get("BITBUCKET_GIT_HTTP_ORIGIN"),
    )


def _azure(environment: Mapping[str, str]) -> dict[str, str] | None:
    return _told(
        environment.get("BUILD_SOURCEVERSION"),
        environment.get("BUILD_SOURCEBRANCHNAME"),
        environment.get("BUILD_REPOSITORY_NAME"),
        environment.get("BUILD_REPOSITORY_URI"),
        environment.get("BUILD_SOURCEVERSIONMESSAGE"),
    )


def _git(_: Mapping[str, str]) -> dict[str, str] | None:
    if not _in_repository():
        return None
    from ostinato.runner.git import ask_git, folder_name

    url = ask_git("remote", "get-url", "origin")
    name = folder_name(url) if url else Path(ask_git("rev-parse", "--show-toplevel") or "").name
    return _told(ask_git("rev-parse", "HEAD"), ask_git("rev-parse", "--abbrev-ref", "HEAD"), name, url)


def _told(
    commit: str | None, branch: str | None, repository: str | None, url: str | None, message: str | None = None
) -> dict[str, str] | None:
    """Return what is told of a commit; None without one. Credentials in the address are left out."""
    if not commit:
        return None
    from ostinato.runner.git import Remote

    return {
        "commit_sha": commit,
        "message": (message or _message(commit)).strip().partition("\n")[0],
        "branch": branch or "",
        "repository": repository or "",
        "url": Remote.of(url).url if url else "",
    }


def _message(commit: str) -> str:
    from ostinato.runner.git import ask_git

    return (ask_git("log", "-1", "--format=%s", commit) or "") if _in_repository() else ""


def _in_repository() -> bool:
    """Whether the working directory is in a repository: looked up without starting a process."""
    here = Path.cwd()
    return any((folder / ".git").exists() for folder in (here, *here.parents)) and shutil.which("git") is not None


_SOURCES: dict[str, Callable[[Mapping[str, str]], dict[str, str] | None]] = {
    "vcs:github": _github,
    "vcs:gitlab": _gitlab,
    "vcs:bitbucket": _bitbucket,
    "vcs:azuredevops": _azure,
    GIT: _git,
}
