"""Images: their names, how they are built and pushed, and what is told if that fails."""

import io
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ostinato.client import versions
from ostinato.deployments import images
from ostinato.deployments.images import BuildError, DockerImage, PushError, auto_dockerfile
from ostinato.deployments.steps import build_docker_image, push_docker_image
from ostinato.settings import temporary_settings


class Daemon:
    """As much of a Docker daemon as images need; it keeps what it was asked."""

    def __init__(self) -> None:
        self.built: list[dict[str, Any]] = []
        self.dockerfiles: list[str] = []
        self.tagged: list[tuple[str, ...]] = []
        self.pushed: list[tuple[str, str, Any]] = []
        self.answers: list[dict[str, Any]] = [{"stream": "Step 1/4\n"}, {"aux": {"ID": "sha256:5"}}]
        self.api = self
        self.closed = 0

    def build(self, **options: Any) -> Iterator[dict[str, Any]]:
        self.built.append(options)
        self.dockerfiles.append(Path(options["path"], options["dockerfile"]).read_text())
        return iter(self.answers)

    def tag(self, *names: str) -> None:
        self.tagged.append(names)

    def push(self, name: str, tag: str, auth_config: Any = None, **_: Any) -> Iterator[dict[str, Any]]:
        self.pushed.append((name, tag, auth_config))
        return iter(self.answers)

    def close(self) -> None:
        self.closed += 1


class DockerException(Exception):
    """The base of the package's errors."""


@pytest.fixture
def base_image() -> Iterator[None]:
    """Images are built on the stack's: the tests' own Ostinato comes from no index."""
    with temporary_settings({"deployments.base_image": "ostinato/worker:latest"}):
        yield


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base_image: None) -> Daemon:
    """A daemon that the package `docker` finds; the working directory is a project."""
    made = Daemon()
    module = types.SimpleNamespace(
        from_env=lambda: made, errors=types.SimpleNamespace(DockerException=DockerException, APIError=DockerException)
    )

    def found(_: str) -> Any:
        return module

    monkeypatch.setattr(images, "import_module", found)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM mine")
    return made


@pytest.mark.parametrize(
    ("name", "tag", "reference"),
    [
        ("etl:1", None, "etl:1"),
        ("team/etl", "2", "team/etl:2"),
        ("registry.example:5000/etl", "2", "registry.example:5000/etl:2"),
        ("registry.example:5000/etl:3", None, "registry.example:5000/etl:3"),
    ],
)
def test_an_image_has_a_name_and_a_tag(name: str, tag: str | None, reference: str) -> None:
    assert DockerImage(name, tag).reference == reference


def test_a_tag_is_made_of_the_time_and_a_namespace_of_the_setting() -> None:
    with temporary_settings({"deployments.default_docker_build_namespace": "registry.example/team"}):
        assert DockerImage("etl", "1").reference == "registry.example/team/etl:1"
        assert DockerImage("other/etl", "1").reference == "other/etl:1"
    assert set(DockerImage("etl").tag) <= set("0123456789-tz")
    with pytest.raises(ValueError, match="has a tag already"):
        DockerImage("etl:1", "2")
    with pytest.raises(ValueError, match="docker-py"):
        DockerImage("etl", build_backend="podman")  # pyright: ignore[reportArgumentType] - that is the test


def test_an_image_is_built_and_tells_of_its_progress(daemon: Daemon, tmp_path: Path) -> None:
    progress = io.StringIO()
    image = DockerImage("etl", "1", "Dockerfile", stream_progress_to=progress, buildargs={"A": "b"})
    assert image.build(["latest"]) == "sha256:5"
    (asked,) = daemon.built
    assert (asked["tag"], asked["path"], asked["buildargs"]) == ("etl:1", str(tmp_path), {"A": "b"})
    assert daemon.dockerfiles == ["FROM mine"]
    assert asked["pull"] is True
    assert daemon.tagged == [("etl:1", "etl", "latest")]
    assert progress.getvalue() == "Step 1/4\n"
    assert daemon.closed == 1


def test_a_dockerfile_is_made_for_the_time_of_the_build(daemon: Daemon, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pandas\n")
    DockerImage("etl", "1").build()
    (text,) = daemon.dockerfiles
    assert text.startswith("FROM ostinato/worker:latest\n")
    assert daemon.built[0]["pull"] is False  # it may be on this machine only
    assert "ostinato==" not in text
    assert f"COPY . /opt/ostinato/{tmp_path.name}/" in text
    assert "requirements.txt" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Dockerfile", "requirements.txt"]


def test_without_a_base_image_ostinato_is_installed_from_the_index_that_it_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(versions, "is_from_index", lambda: True)
    assert auto_dockerfile(tmp_path) == [
        f"FROM python:{sys.version_info.major}.{sys.version_info.minor}-slim",
        f'RUN pip install --no-cache-dir "ostinato=={versions.own_version()}"',
        f"COPY . /opt/ostinato/{tmp_path.name}/",
        f"WORKDIR /opt/ostinato/{tmp_path.name}/",
    ]
    monkeypatch.setattr(versions, "is_from_index", lambda: False)
    with pytest.raises(BuildError, match="OSTINATO_DEPLOYMENTS_BASE_IMAGE"):
        DockerImage("etl", "1").build()
    assert list(tmp_path.iterdir()) == []


def test_what_the_builder_says_is_told(daemon: Daemon) -> None:
    daemon.answers = [{"error": "no such base"}]
    with pytest.raises(BuildError, match="etl:1 cannot be built: no such base"):
        DockerImage("etl", "1").build()
    with pytest.raises(PushError, match="etl:1 cannot be pushed: no such base"):
        DockerImage("etl", "1").push()
    with pytest.raises(BuildError, match="no file 'Other'"):
        DockerImage("etl", "1", "Other").build()


def test_steps_build_and_push(daemon: Daemon) -> None:
    made = build_docker_image("reg/etl", "Dockerfile", "1", additional_tags=["latest"])
    assert made == {
        "image_name": "reg/etl",
        "tag": "1",
        "image": "reg/etl:1",
        "image_id": "sha256:5",
        "additional_tags": ["latest"],
    }
    push_docker_image("reg/etl", "1", {"username": "me", "password": "word"}, ["latest"])
    login = {"username": "me", "password": "word"}
    assert daemon.pushed == [("reg/etl", "1", login), ("reg/etl", "latest", login)]


@pytest.mark.usefixtures("base_image")
def test_buildx_is_called_with_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{docker.parent}:/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    image = DockerImage(
        "etl", "1", build_backend="buildx", stream_progress_to=io.StringIO(),
        platforms=["linux/amd64", "linux/arm64"], build_args={"A": "b"}, push=True, no_cache=True,
    )  # fmt: skip
    image.build()
    image.push()  # the build has done it
    called = (tmp_path / "called").read_text()
    assert "buildx build --file" in called
    assert "--platform linux/amd64,linux/arm64 --build-arg A=b --push --no-cache --tag etl:1" in called
    docker.write_text("#!/bin/sh\necho wrong\nexit 1\n")
    with pytest.raises(BuildError, match="wrong"):
        image.build()


@pytest.mark.usefixtures("base_image")
def test_without_the_package_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(images, "import_module", missing)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModuleNotFoundError, match=r"ostinato\[docker\]"):
        DockerImage("etl").build()
