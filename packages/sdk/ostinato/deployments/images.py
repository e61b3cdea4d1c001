"""`DockerImage`: the image of a deployment, built and pushed by the package `docker` or by `docker buildx`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, cast

from ostinato.exceptions import OstinatoError

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject

# Any below: keywords and answers of the package `docker`, which has no types.

AUTO = "auto"
BuildBackend = Literal["docker-py", "buildx"]
_TEMPORARY = "Dockerfile.ostinato-auto"
_PLACE = re.compile(r"^(?P<registry>[^/]+[.:][^/]+|localhost)/")


class BuildError(OstinatoError):
    """An image could not be built; the text is the builder's own."""


class PushError(OstinatoError):
    """An image could not be pushed; the text is the registry's own."""


class DockerImage:
    """An image: `DockerImage("registry.example/team/etl", "1.2")` is built from the working directory.

    A name without a registry or a namespace gets the one of the setting `deployments.default_docker_build_namespace`;
    the tag is the time unless given. `dockerfile="auto"` makes a file that takes the image of the setting
    `deployments.base_image`, else this Python's version and Ostinato from the package index, installs
    `requirements.txt` if there is one, and copies the project. `build_kwargs` go to `docker.images.build`, or, as
    options, to `docker buildx build` (`platforms`, `cache_from`, `build_args`...).
    """

    def __init__(
        self,
        name: str,
        tag: str | None = None,
        dockerfile: str = AUTO,
        stream_progress_to: IO[str] | None = None,
        build_backend: BuildBackend = "docker-py",
        **build_kwargs: Any,
    ) -> None:
        plain, own_tag = _split(name)
        if own_tag and tag:
            raise ValueError(f"The image {name!r} has a tag already; leave {tag!r} out.")
        if build_backend not in ("docker-py", "buildx"):
            raise ValueError(f"Images are built by 'docker-py' or 'buildx', got {build_backend!r}.")
        self.name = _with_namespace(plain)
        self.tag = tag or own_tag or f"{datetime.now(UTC):%Y-%m-%dt%H-%M-%S-%fz}"
        self.dockerfile = dockerfile
        self.build_backend = build_backend
        self.build_kwargs = build_kwargs
        self._progress = stream_progress_to

    @property
    def reference(self) -> str:
        """`name:tag`."""
        return f"{self.name}:{self.tag}"

    def __repr__(self) -> str:
        return f"DockerImage({self.reference!r})"

    def build(self, additional_tags: Iterable[str] = ()) -> str | None:
        """Build the image and give it its tags; return its id, if the builder tells. Raises BuildError."""
        tags = [self.reference, *(f"{self.name}:{tag}" for tag in additional_tags)]
        with self._dockerfile() as dockerfile:
            if self.build_backend == "buildx":
                self._buildx(dockerfile, tags)
                return None
            return self._docker_build(dockerfile, tags)

    def push(self, additional_tags: Iterable[str] = (), credentials: Mapping[str, Any] | None = None) -> None:
        """Push the image with its tags. Raises PushError."""
        if self.build_backend == "buildx" and self.build_kwargs.get("push"):
            return  # the build has pushed it
        with _docker_client() as client:
            options = {"auth_config": _login(credentials)} if credentials else {}
            for tag in (self.tag, *additional_tags):
                answers = client.api.push(self.name, tag=tag, stream=True, decode=True, **options)
                for answer in cast("Iterable[JsonObject]", answers):
                    if "error" in answer:
                        raise PushError(f"{self.name}:{tag} cannot be pushed: {answer['error']}")
                    self._show(answer)

    @contextmanager
    def _dockerfile(self) -> Generator[str]:
        if self.dockerfile != AUTO:
            if not Path(self._context(), self.dockerfile).is_file():
                raise BuildError(f"There is no file {self.dockerfile!r}; write one, or use dockerfile='auto'.")
            yield self.dockerfile
            return
        made = Path(self._context(), _TEMPORARY)
        made.write_text("\n".join(auto_dockerfile(Path(self._context()))) + "\n")
        try:
            yield made.name
        finally:
            made.unlink(missing_ok=True)

    def _context(self) -> str:
        return str(self.build_kwargs.get("path") or self.build_kwargs.get("context") or Path.cwd())

    def _docker_build(self, dockerfile: str, tags: Sequence[str]) -> str | None:
        # An own base image may be on this machine only; it is fetched where it is missing.
        options = {"pull": self.dockerfile != AUTO or _base_image() is None, "rm": True} | self.build_kwargs
        options.pop("context", None)
        found: str | None = None
        with _docker_client() as client:
            options |= {"path": self._context(), "dockerfile": dockerfile, "tag": tags[0], "decode": True}
            for answer in cast("Iterable[JsonObject]", client.api.build(**options)):
                if "error" in answer:
                    raise BuildError(f"{tags[0]} cannot be built: {str(answer['error']).strip()}")
                self._show(answer)
                found = cast("JsonObject", answer.get("aux") or {}).get("ID", found)
            for tag in tags[1:]:
                client.api.tag(tags[0], *tag.rsplit(":", 1))
            return found

    def _buildx(self, dockerfile: str, tags: Sequence[str]) -> None:
        """Build by the command line, which knows what the package does not: several platforms, secrets, caches."""
        options = {name: value for name, value in self.build_kwargs.items() if name not in ("path", "context")}
        context = self._context()
        command = ["docker", "buildx", "build", "--file", str(Path(context, dockerfile))]
        if not options.get("push"):
            options.setdefault("load", True)
        for name, value in options.items():
            command += _flags(name, value)
        for tag in tags:
            command += ["--tag", tag]
        try:
            ended = subprocess.run(  # noqa: S603 - options of the deployment's author
                [*command, context], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
        except FileNotFoundError:
            raise BuildError("The command `docker` is not installed here; use build_backend='docker-py'.") from None
        (self._progress or sys.stdout).write(ended.stdout)
        if ended.returncode:
            raise BuildError(f"{tags[0]} cannot be built: {ended.stdout.strip()[-1000:]}")

    def _show(self, answer: JsonObject) -> None:
        text = answer.get("stream") or answer.get("status")
        if text and str(text).strip() and "progress" not in answer:
            (self._progress or sys.stdout).write(f"{str(text).rstrip()}\n")


def as_image(image: str | DockerImage) -> DockerImage:
    """Return the image of a name, or the image itself."""
    return image if isinstance(image, DockerImage) else DockerImage(image)


def project_folder(context: Path) -> str:
    """Return the folder of images that `auto_dockerfile` puts the project into."""
    return f"/opt/ostinato/{context.resolve().name}"


def auto_dockerfile(context: Path) -> list[str]:
    """Return the lines of a Dockerfile for the project in a folder. Raises BuildError where nothing has Ostinato."""
    folder = project_folder(context)
    lines = _base()
    if (context / "requirements.txt").is_file():
        lines += [
            f"COPY requirements.txt {folder}/requirements.txt",
            f"RUN pip install --no-cache-dir -r {folder}/requirements.txt",
        ]
    return [*lines, f"COPY . {folder}/", f"WORKDIR {folder}/"]


def _base_image() -> str | None:
    from ostinato.settings import get_current_settings

    return get_current_settings().deployments.base_image or None


def _base() -> list[str]:
    """Return the lines that bring Python and Ostinato."""
    from ostinato.client.versions import is_from_index, own_version

    if image := _base_image():
        return [f"FROM {image}"]
    if not is_from_index():
        raise BuildError(
            f"Ostinato {own_version()} was not installed from a package index here, so an image cannot install it from "
            "one. Set OSTINATO_DEPLOYMENTS_BASE_IMAGE to an image that has it, as the stack's ostinato/worker:latest, "
            "or write a Dockerfile."
        )
    return [
        f"FROM python:{sys.version_info.major}.{sys.version_info.minor}-slim",
        f'RUN pip install --no-cache-dir "ostinato=={own_version()}"',
    ]


@contextmanager
def _docker_client() -> Generator[Any]:
    """Open the daemon of the environment. Raises BuildError if it does not answer, ModuleNotFoundError."""
    try:
        docker: Any = import_module("docker")  # it has no types
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("Images need the package docker: pip install 'ostinato[docker]'.") from error
    try:
        client = docker.from_env()
    except docker.errors.DockerException as error:
        raise BuildError(f"No Docker daemon answers: {error}. Start one, or set DOCKER_HOST.") from error
    try:
        yield client
    except docker.errors.APIError as error:
        raise BuildError(f"The Docker daemon refuses: {error.explanation or error}") from error
    finally:
        client.close()


def _split(name: str) -> tuple[str, str | None]:
    """Return name and tag of `registry:5000/team/name:tag`."""
    last = name.rpartition("/")[2]
    if ":" not in last:
        return name, None
    plain, _, tag = name.rpartition(":")
    return plain, tag


def _with_namespace(name: str) -> str:
    from ostinato.settings import get_current_settings

    namespace = get_current_settings().deployments.default_docker_build_namespace
    return name if not namespace or "/" in name or _PLACE.match(name) else f"{namespace.rstrip('/')}/{name}"


def _login(credentials: Mapping[str, Any]) -> dict[str, str]:
    def text(value: Any) -> str:
        reveal = getattr(value, "get_secret_value", None)
        return str(reveal() if callable(reveal) else value)

    return {name: text(credentials[name]) for name in ("username", "password") if credentials.get(name)}


def _flags(name: str, value: Any) -> list[str]:
    """Return a keyword as options of the command line; `buildargs={"A": "1"}` is `--build-arg A=1`."""
    flag = {"buildargs": "build-arg", "build_args": "build-arg", "platforms": "platform"}.get(
        name, name.replace("_", "-")
    )
    if isinstance(value, bool):
        return [f"--{flag}"] if value else []
    if isinstance(value, dict):
        return [word for key, item in cast("JsonObject", value).items() for word in (f"--{flag}", f"{key}={item}")]
    if isinstance(value, (list, tuple)):
        if flag == "platform":
            return [f"--{flag}", ",".join(map(str, cast("list[Any]", value)))]
        return [word for item in cast("list[Any]", value) for word in (f"--{flag}", str(item))]
    return [f"--{flag}", json.dumps(value) if not isinstance(value, (str, int, float)) else str(value)]
