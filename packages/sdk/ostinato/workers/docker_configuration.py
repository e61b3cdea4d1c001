"""What a container of a run is made of, and what deployments may say of it."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field

from ostinato.workers.configuration import BaseJobConfiguration, BaseVariables

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject

LONGEST_NAME: Final = 250
LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1"})
HOST: Final = "host.docker.internal"
"""Name of the daemon's machine within its containers."""
AUTO_REMOVE: Final = "io.ostinato.auto-remove"
"""Label of containers that a worker removes when they have ended."""
PullPolicy = Literal["IfNotPresent", "Always", "IfPossible", "Never"]


class DockerVariables(BaseVariables):
    """What deployments may say of their containers."""

    image: str | None = Field(default=None, description="Image of the container; it must hold the flow's packages.")
    image_pull_policy: PullPolicy | None = Field(default=None, description="When the image is fetched.")
    registry_credentials: dict[str, Any] | None = Field(default=None, description="Access to the image's registry.")
    networks: list[str] = Field(default_factory=list, description="Networks that the container joins.")
    network_mode: str | None = Field(default=None, description="Network mode of the container, such as host.")
    volumes: list[str] = Field(default_factory=list, description="Volumes as <on the host>:<in the container>.")
    auto_remove: bool = Field(default=False, description="Remove the container when it has ended.")
    stream_output: bool = Field(default=True, description="Print what the run prints.")
    mem_limit: str | None = Field(default=None, description="Most memory, with a unit: 512m.")
    memswap_limit: str | None = Field(default=None, description="Most memory and swap together.")
    privileged: bool = Field(default=False, description="Give the container the host's rights.")
    container_create_kwargs: dict[str, Any] | None = Field(default=None, description="Further options of docker.")


class DockerJobConfiguration(BaseJobConfiguration):
    """What a container is made of."""

    image: str | None = None
    image_pull_policy: PullPolicy | None = None
    registry_credentials: dict[str, Any] | None = None
    networks: list[str] = Field(default_factory=list)
    network_mode: str | None = None
    volumes: list[str] = Field(default_factory=list)
    auto_remove: bool = False
    stream_output: bool = True
    mem_limit: str | None = None
    memswap_limit: str | None = None
    privileged: bool = False
    container_create_kwargs: dict[str, Any] | None = None

    def pulls(self) -> PullPolicy:
        """Return when the image is fetched; by default always if its tag moves."""
        if self.image_pull_policy is not None:
            return self.image_pull_policy
        name = (self.image or "").rpartition("/")[2]
        fixed = "@" in name or (":" in name and not name.endswith(":latest"))
        return "IfNotPresent" if fixed else "Always"

    def access(self) -> JsonObject | None:
        """Return what the registry asks for, from a block of credentials or the daemon's own words for it."""
        given = dict(self.registry_credentials or {})
        if address := given.pop("registry_url", None):
            given["serveraddress"] = address
        known = ("username", "password", "serveraddress", "email", "identitytoken", "registrytoken")
        return {name: given[name] for name in known if given.get(name)} or None

    def options(self, platform: str = sys.platform) -> JsonObject:
        """Return the options by which the package `docker` makes the container."""
        env = {name: value for name, value in self.env.items() if value is not None}
        network_mode, extra_hosts = self.network_mode, None
        local = [name for name in ("OSTINATO_API_URL", "PREFECT_API_URL") if _is_local(env.get(name))]
        if local and network_mode is None and not self.networks and platform == "linux":
            network_mode = "host"
        elif local and network_mode != "host":
            env |= {name: _host_of_docker(env[name]) for name in local}
            extra_hosts = {HOST: "host-gateway"} if platform == "linux" else None
        labels = {label(name): value for name, value in self.labels.items()}
        if self.auto_remove:  # the worker removes it when it knows how it ended
            labels[AUTO_REMOVE] = "true"
        options: JsonObject = {
            "environment": env,
            "labels": labels,
            "volumes": list(self.volumes),
            "network": self.networks[0] if self.networks else None,
            "network_mode": network_mode,
            "mem_limit": self.mem_limit,
            "memswap_limit": self.memswap_limit,
            "privileged": self.privileged,
            "extra_hosts": extra_hosts,
            **(self.container_create_kwargs or {}),
        }
        return {name: value for name, value in options.items() if value is not None}


def _is_local(url: str | None) -> bool:
    return url is not None and urlsplit(url).hostname in LOCAL_HOSTS


def _host_of_docker(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=re.sub(r"localhost|127\.0\.0\.1", HOST, parts.netloc)))


def label(name: str) -> str:
    """Return a label as docker has them: its namespace reversed, `prefect.io/x` as `io.prefect.x`."""
    namespace, slash, rest = name.partition("/")
    return f"{'.'.join(reversed(namespace.split('.')))}.{rest}" if slash else name


def container_name(text: str | None) -> str | None:
    """Return a text as a container may be named."""
    name = re.sub(r"[^a-zA-Z0-9_.-]+", "-", text or "").strip("-_.")
    return name[:LONGEST_NAME] or None
