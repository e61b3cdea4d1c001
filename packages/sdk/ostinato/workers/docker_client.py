"""What of the package `docker`, which has no types and may be missing, is used here."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ostinato.settings import get_current_settings


class Container(Protocol):
    """What of a container of the package `docker` is used here."""

    id: str
    status: str
    attrs: Mapping[str, Any]  # Any: JSON

    def start(self) -> None:
        """Start it."""

    def reload(self) -> None:
        """Ask the daemon for `status` and `attrs`."""

    def stop(self, timeout: int) -> None:
        """Send SIGTERM, and SIGKILL after `timeout` seconds."""

    def remove(self, v: bool, force: bool) -> None:
        """Remove it, with its anonymous volumes if `v`, also if it runs if `force`."""

    def logs(self, stream: bool, follow: bool) -> Iterable[bytes]:
        """Return what it prints."""
        ...


class Containers(Protocol):
    """The containers of a daemon."""

    def create(self, image: str, command: str | list[str] | None = None, **options: Any) -> Container:
        """Make a container; options are those of the package `docker`."""
        ...

    def get(self, container_id: str) -> Container:
        """Return a container. Raises an error of the package `docker` if there is none."""
        ...

    def list(self, all: bool, limit: int, sparse: bool, filters: Mapping[str, Any]) -> list[Container]:
        """Return the newest containers, also ended ones if `all`; `sparse` asks for no more than the list has."""
        ...


class Images(Protocol):
    """The images of a daemon."""

    def get(self, name: str) -> object:
        """Return an image. Raises an error of the package `docker` if it is not here."""
        ...

    def pull(self, repository: str, **options: Any) -> object:
        """Fetch an image."""
        ...


class Network(Protocol):
    """A network of a daemon."""

    def connect(self, container: Container) -> None:
        """Let a container join."""


class Networks(Protocol):
    """The networks of a daemon."""

    def get(self, network_id: str) -> Network:
        """Return a network, by its name too. Raises an error of the package `docker` if there is none."""
        ...


class Docker(Protocol):
    """A client of a docker daemon."""

    @property
    def containers(self) -> Containers:
        """Its containers."""
        ...

    @property
    def images(self) -> Images:
        """Its images."""
        ...

    @property
    def networks(self) -> Networks:
        """Its networks."""
        ...


def docker_of_environment() -> Docker:
    """Return a client of the daemon that DOCKER_HOST names. Raises ModuleNotFoundError without the package."""
    try:
        docker: Any = importlib.import_module("docker")
    except ModuleNotFoundError:
        raise ModuleNotFoundError('Docker workers need the package `docker`: pip install "ostinato[docker]"') from None
    return docker.from_env(timeout=get_current_settings().api.request_timeout)


def base_url(docker: Docker) -> str:
    """Return where the daemon is."""
    return str(getattr(getattr(docker, "api", None), "base_url", "docker"))


def status_of(error: Exception) -> int | None:
    """Return the status of an answer of the daemon; None for other errors. The package's classes cannot be named."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None
