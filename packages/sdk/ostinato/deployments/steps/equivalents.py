"""Steps of other packages, and ours that do the same: workers and `ostinato import` need not have those packages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject

OWN = "ostinato.deployments.steps"
WIRE = "prefect.deployments.steps"
STOCK = frozenset(
    {
        "set_working_directory", "git_clone", "pull_from_remote_storage", "pull_with_block", "push_to_remote_storage",
        "run_shell_script", "pip_install_requirements", "build_docker_image", "push_docker_image",
    }
)  # fmt: skip
"""Names of our steps."""
KNOWN_ELSEWHERE = STOCK - {"push_to_remote_storage", "build_docker_image", "push_docker_image"}
"""Those that workers of the reference know as well, below `WIRE`."""

_NAME = re.compile(r"^(?:(?:ostinato|prefect|prefect_docker)\.deployments\.steps\.(?:\w+\.)?)?(\w+)$")
_SCHEMES = {"s3": "s3", "gcs": "gcs", "azure_blob_storage": "az"}
_CLOUD = re.compile(r"^prefect_(?:aws|gcp|azure)\.deployments\.steps\.(push_to|pull_from)_(s3|gcs|azure_blob_storage)$")


def stock_name(name: str) -> str | None:
    """Return the plain name of one of our steps, however it is addressed; None for a function of anybody else."""
    found = _NAME.match(name)
    return found[1] if found and found[1] in STOCK else None


def wire_name(name: str) -> str:
    """Return the address of a step in a deployment: one that workers of both kinds know, if there is one."""
    stock = stock_name(name)
    if stock is None:
        return name
    return f"{WIRE if stock in KNOWN_ELSEWHERE else OWN}.{stock}"


def own_name(name: str) -> str:
    """Return the address of a step in a project file."""
    stock = stock_name(name)
    return name if stock is None else f"{OWN}.{stock}"


def equivalent(name: str, inputs: JsonObject) -> tuple[str, JsonObject] | None:
    """Return our step, and its inputs, that does what a step of another package does; None if there is none."""
    found = _CLOUD.match(name)
    if found is None:
        return None
    verb, kind = found[1], found[2]
    place = inputs.get("container") if kind == "azure_blob_storage" else inputs.get("bucket")
    if not place:
        return None
    folder = str(inputs.get("folder") or "").strip("/")
    given: JsonObject = {"url": f"{_SCHEMES[kind]}://{place}/{folder}".rstrip("/")}
    given |= {key: inputs[key] for key in ("id",) if key in inputs}
    settings = _SETTINGS[kind](inputs.get("credentials"))
    if settings is None:
        return None
    step = "push_to_remote_storage" if verb == "push_to" else "pull_from_remote_storage"
    return f"{OWN}.{step}", given | settings


def _s3(credentials: object) -> JsonObject | None:
    if not credentials:
        return {}
    if isinstance(credentials, str) and credentials.rstrip().endswith("}}"):  # a template: of a block's members
        members = {"key": "aws_access_key_id", "secret": "aws_secret_access_key"}
        return {name: _member(credentials, member) for name, member in members.items()}
    return None


def _gcs(credentials: object) -> JsonObject | None:
    if not credentials:
        return {}
    return {"token": _member(credentials, "service_account_info")} if isinstance(credentials, str) else None


def _azure(credentials: object) -> JsonObject | None:
    if not credentials:
        return {}
    return {"connection_string": _member(credentials, "connection_string")} if isinstance(credentials, str) else None


def _member(template: str, member: str) -> str:
    return f"{template.rstrip().removesuffix('}}').rstrip()}.{member} }}}}"


_SETTINGS: dict[str, Callable[[object], JsonObject | None]] = {"s3": _s3, "gcs": _gcs, "azure_blob_storage": _azure}
