"""Recipes of `ostinato init`: what a new project file says of how code gets to where it runs (features T7)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ostinato.deployments.images import AUTO, project_folder
from ostinato.deployments.project.saving import dump
from ostinato.deployments.steps.equivalents import OWN
from ostinato.runner.git import Remote, ask_git

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ostinato_wire.base import JsonObject

# Any below: JSON values.

IGNORE_FILE = ".ostinatoignore"
IGNORED = """\
# What is not copied to where code is kept, in the manner of .gitignore.
.git/
.venv/
venv/
__pycache__/
*.py[cod]
.pytest_cache/
.ruff_cache/
.mypy_cache/
.ipynb_checkpoints/
.env
.DS_Store
"""
PLACE_HOLDER = "<{}>"


@dataclass(frozen=True)
class Recipe:
    """How code is kept. `fields` are what must be given, with what they mean."""

    summary: str
    storage: str = "local"
    """`local`, `git`, `image`, or the scheme of an address."""
    docker: bool = False
    fields: tuple[tuple[str, str], ...] = ()


_IMAGE = (
    ("image_name", "Name of the image, with its registry: registry.example/team/etl"),
    ("tag", "Tag of the image"),
)
_BUCKET = (("bucket", "Bucket that the code is kept in"), ("folder", "Folder in the bucket"))
_CONTAINER = (("container", "Container that the code is kept in"), ("folder", "Folder in the container"))

RECIPES: Final[dict[str, Recipe]] = {
    "local": Recipe("code stays in this folder, for workers of this machine"),
    "git": Recipe("code is cloned from its git repository", "git"),
    "docker": Recipe("code is part of a container image", "image", True, _IMAGE),
    "docker-git": Recipe("a container image that clones the code", "git", True, _IMAGE),
    "s3": Recipe("code is kept in S3", "s3", False, _BUCKET),
    "gcs": Recipe("code is kept in Google Cloud Storage", "gcs", False, _BUCKET),
    "azure": Recipe("code is kept in Azure Blob Storage", "az", False, _CONTAINER),
    "docker-s3": Recipe("a container image, the code in S3", "s3", True, (*_IMAGE, *_BUCKET)),
    "docker-gcs": Recipe("a container image, the code in Google Cloud Storage", "gcs", True, (*_IMAGE, *_BUCKET)),
    "docker-azure": Recipe("a container image, the code in Azure Blob Storage", "az", True, (*_IMAGE, *_CONTAINER)),
}


def default_recipe(folder: Path) -> str:
    """Return the recipe that suits a folder: by its git remote, and by whether there is a Dockerfile."""
    has_remote, has_dockerfile = (
        ask_git("remote", "get-url", "origin", folder=folder),
        (folder / "Dockerfile").is_file(),
    )
    if has_remote:
        return "docker-git" if has_dockerfile else "git"
    return "docker" if has_dockerfile else "local"


def missing_fields(recipe: str, fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the fields of a recipe that are not given, each with what it means."""
    return [(name, meaning) for name, meaning in RECIPES[recipe].fields if not fields.get(name)]


def project_file(folder: Path, name: str, recipe: str, fields: Mapping[str, str]) -> str:
    """Return the text of a project file. Fields that are not given stand there as `<name>`, to be filled in."""
    from importlib.metadata import version

    chosen, given = RECIPES[recipe], _Fields(fields)
    lines = [
        f"# Project file of Ostinato; recipe {recipe}: {chosen.summary}.",
        dump({"name": name, "ostinato-version": version("ostinato")}).rstrip(),
    ]
    parts = (
        ("build", "Steps that build what runs need; each may use what those before it gave: {{ id.output }}.",
         _build(folder, chosen, given)),
        ("push", "Steps that put it where runs find it.", _push(chosen, given)),
        ("pull", "Steps by which each run gets its code.", _pull(folder, chosen, given)),
        ("deployments", "What is deployed by `ostinato deploy`; the more entries, the more deployments.",
         [_deployment(chosen)]),
    )  # fmt: skip
    for key, comment, value in parts:
        lines += ["", f"# {comment}", dump({key: value}).rstrip()]
    return "\n".join(lines) + "\n"


class _Fields:
    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def __getitem__(self, name: str) -> str:
        return self._given.get(name) or PLACE_HOLDER.format(name)

    def get(self, name: str) -> str | None:
        return self._given.get(name)


def _build(folder: Path, recipe: Recipe, fields: _Fields) -> list[JsonObject] | None:
    if not recipe.docker:
        return None
    dockerfile = fields.get("dockerfile") or ("Dockerfile" if (folder / "Dockerfile").is_file() else AUTO)
    inputs = {"id": "build-image", "image_name": fields["image_name"], "tag": fields["tag"], "dockerfile": dockerfile}
    return [{f"{OWN}.build_docker_image": inputs}]


def _push(recipe: Recipe, fields: _Fields) -> list[JsonObject] | None:
    steps: list[JsonObject] = []
    if recipe.docker:
        inputs = {"image_name": "{{ build-image.image_name }}", "tag": "{{ build-image.tag }}"}
        steps.append({f"{OWN}.push_docker_image": inputs})
    if "local" != recipe.storage not in ("git", "image"):
        steps.append({f"{OWN}.push_to_remote_storage": {"id": "push-code", "url": _address(recipe, fields)}})
    return steps or None


def _pull(folder: Path, recipe: Recipe, fields: _Fields) -> list[JsonObject]:
    match recipe.storage:
        case "local":
            return [{f"{OWN}.set_working_directory": {"directory": str(folder)}}]
        case "image":
            return [{f"{OWN}.set_working_directory": {"directory": project_folder(folder)}}]
        case "git":
            repository = fields.get("repository") or remote_of(folder) or PLACE_HOLDER.format("repository")
            branch = fields.get("branch") or branch_of(folder)
            inputs = {"repository": repository} | ({"branch": branch} if branch else {})
            return [{f"{OWN}.git_clone": inputs}]
        case _:
            return [{f"{OWN}.pull_from_remote_storage": {"url": _address(recipe, fields)}}]


def _address(recipe: Recipe, fields: _Fields) -> str:
    place = fields["container"] if recipe.storage == "az" else fields["bucket"]
    return f"{recipe.storage}://{place}/{fields['folder'].strip('/')}"


def _deployment(recipe: Recipe) -> JsonObject:
    pool: JsonObject = {"name": None, "work_queue_name": None, "job_variables": {}}
    if recipe.docker:
        pool["job_variables"] = {"image": "{{ build-image.image }}"}
    members: JsonObject = {"name": None, "entrypoint": None, "description": None, "version": None, "tags": []}
    return {**members, "parameters": {}, "schedules": [], "work_pool": pool}


def remote_of(folder: Path) -> str | None:
    """Return the address of a folder's repository, without credentials."""
    found = ask_git("remote", "get-url", "origin", folder=folder)
    return Remote.of(found).url if found else None


def branch_of(folder: Path) -> str | None:
    """Return the branch that a folder is on."""
    return ask_git("rev-parse", "--abbrev-ref", "HEAD", folder=folder)
