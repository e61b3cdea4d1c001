"""What is told of where a version comes from."""

from pathlib import Path

import pytest

from ostinato.deployments.versions import version_info
from tests.support.git import alone_with_git, new_repository

SHA = "0123456789abcdef"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory outside of any repository, and no pipeline."""
    alone_with_git(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_repository_a_version_is_simple() -> None:
    assert version_info("v1") == {"type": "prefect:simple", "version": "v1"}
    assert version_info() is None
    with pytest.raises(ValueError, match="Nothing here tells"):
        version_info(version_type="vcs:git")
    with pytest.raises(ValueError, match="Version types are vcs:github"):
        version_info(version_type="svn")


def test_a_repository_tells_its_commit(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = new_repository(here / "project")
    sha = repository.commit(a="a")
    repository.git("remote", "add", "origin", "https://me:secret@example.org/acme/flows.git")
    (repository.folder / "below").mkdir()
    monkeypatch.chdir(repository.folder / "below")
    assert version_info() == {
        "type": "vcs:git",
        "version": sha[:8],
        "commit_sha": sha,
        "message": "change a",
        "branch": "main",
        "repository": "flows",
        "url": "https://example.org/acme/flows.git",
    }
    assert (version_info("v1") or {})["version"] == "v1"
    assert version_info("v1", "prefect:simple") == {"type": "prefect:simple", "version": "v1"}


@pytest.mark.parametrize(
    ("kind", "environment", "told"),
    [
        (
            "vcs:github",
            {"GITHUB_SHA": SHA, "GITHUB_REF_NAME": "main", "GITHUB_REPOSITORY": "a/b"},
            {"branch": "main", "repository": "a/b", "url": "https://github.com/a/b"},
        ),
        (
            "vcs:gitlab",
            {"CI_COMMIT_SHA": SHA, "CI_COMMIT_REF_NAME": "x", "CI_PROJECT_PATH": "g/p", "CI_COMMIT_MESSAGE": "m\nmore"},
            {"branch": "x", "repository": "g/p", "message": "m"},
        ),
        (
            "vcs:bitbucket",
            {"BITBUCKET_COMMIT": SHA, "BITBUCKET_BRANCH": "x", "BITBUCKET_REPO_SLUG": "p"},
            {"branch": "x", "repository": "p"},
        ),
        (
            "vcs:azuredevops",
            {"BUILD_SOURCEVERSION": SHA, "BUILD_REPOSITORY_URI": "https://tok@dev.azure.com/x/_git/p"},
            {"url": "https://dev.azure.com/x/_git/p"},
        ),
    ],
)
def test_a_pipeline_tells_its_commit(
    kind: str, environment: dict[str, str], told: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_HEAD_REF", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert version_info() == {"type": kind, "version": SHA[:8], "commit_sha": SHA, **told}
