"""The project file: found, read, and searched for the deployments that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ostinato.deployments.steps.running import as_steps
from ostinato.exceptions import OstinatoError

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject

# Any below: JSON values.

FILE = "ostinato.yaml"
FORMER_FILE = "prefect.yaml"
"""The reference's file; it is read where there is no `ostinato.yaml`."""
ACTIONS = ("build", "push", "pull")


class ProjectFileError(OstinatoError):
    """The project file cannot be read, or does not say what it must; the text names the place."""


@dataclass(frozen=True)
class Project:
    """What a project file says. `path` need not exist: then there is nothing."""

    path: Path
    actions: dict[str, list[JsonObject] | None] = field(default_factory=dict[str, "list[JsonObject] | None"])
    """`build`, `push` and `pull` of all deployments that have none of their own; None where nothing is said."""
    deployments: list[JsonObject] = field(default_factory=list["JsonObject"])

    @classmethod
    def find(cls, folder: Path, name: str | None = None) -> Project:
        """Return the project of a folder, or of the file that is named. Raises ProjectFileError.

        Without any file the project is empty; a file that is named must be there.
        """
        if name is not None:
            path = folder / name
            if not path.is_file():
                raise ProjectFileError(f"There is no project file {str(path)!r}.")
            return cls.read(path)
        for candidate in (FILE, FORMER_FILE):
            if (folder / candidate).is_file():
                return cls.read(folder / candidate)
        return cls(folder / FILE)

    @classmethod
    def read(cls, path: Path) -> Project:
        """Read a file. Raises ProjectFileError."""
        content = load_yaml(path)
        deployments: Any = content.get("deployments") or []
        if not isinstance(deployments, list) or not all(
            isinstance(entry, dict) for entry in cast("list[Any]", deployments)
        ):
            raise ProjectFileError(f"{path.name}: `deployments` is a list of deployments, each with `name: ...`.")
        actions = {name: _steps(path, name, content) for name in ACTIONS}
        return cls(path, actions, cast("list[JsonObject]", deployments))

    def steps(self, entry: JsonObject, action: str) -> list[JsonObject] | None:
        """Return the steps of a deployment: its own, else those of all; None where nothing is said."""
        if entry.get(action) is not None:
            return _steps(self.path, action, entry)
        return self.actions.get(action)

    def matching(self, patterns: Sequence[str]) -> tuple[list[JsonObject], list[str]]:
        """Return the deployments that meet one of the patterns, in the file's order, and the patterns without any.

        A pattern is a name, `flow/name`, or either with `*`.
        """
        full_names = [(_flow_name(entry), str(entry.get("name") or "")) for entry in self.deployments]
        used: set[str] = set()
        found: list[JsonObject] = []
        for entry, (flow_name, name) in zip(self.deployments, full_names, strict=True):
            met = [pattern for pattern in patterns if name and _meets(pattern, flow_name, name)]
            used.update(met)
            if met:
                found.append(entry)
        return found, [pattern for pattern in patterns if pattern not in used]


def _meets(pattern: str, flow_name: str, name: str) -> bool:
    flow_pattern, slash, name_pattern = pattern.rpartition("/")
    return fnmatchcase(name, name_pattern) and (not slash or fnmatchcase(flow_name, flow_pattern))


def _flow_name(entry: JsonObject) -> str:
    """Return the name of an entry's flow, without importing anything."""
    from ostinato.deployments.project.placeholders import declared_flow

    if given := entry.get("flow_name"):
        return str(given)
    entrypoint = str(entry.get("entrypoint") or "")
    declared = declared_flow(entrypoint)
    return declared.name if declared else entrypoint.rpartition(":")[2].rpartition(".")[2].replace("_", "-")


def as_object(value: Any) -> JsonObject:
    """Return a copy of a mapping; of anything else an empty one."""
    return dict(cast("JsonObject", value)) if isinstance(value, dict) else {}


def load_yaml(path: Path) -> JsonObject:
    """Return the mapping in a file of YAML; of an empty file none. Raises ProjectFileError."""
    import yaml

    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ProjectFileError(f"{path.name} cannot be read: {error}") from None
    if content is not None and not isinstance(content, dict):
        raise ProjectFileError(f"{path.name} holds no `name: value` pairs.")
    return cast("JsonObject", content or {})


def _steps(path: Path, action: str, content: JsonObject) -> list[JsonObject] | None:
    from ostinato.exceptions import StepExecutionError

    if content.get(action) is None:
        return None
    try:
        return as_steps(content[action])
    except StepExecutionError as error:
        raise ProjectFileError(f"{path.name}: `{action}`: {error}") from None
