"""The parts of a worker's description: its variables as JSON Schema, and the template that they fill."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ostinato_core.states.rows import JsonDict

COMMON: Final = ("name", "env", "labels", "command")
"""The variables that every worker knows."""


@dataclass(frozen=True, slots=True)
class WorkerType:
    """A kind of worker and work pool. `variables` by name; `job` is what they are put in."""

    type: str
    package: str
    display_name: str
    description: str
    variables: Mapping[str, JsonDict]
    job: JsonDict
    required: tuple[str, ...] = ()
    definitions: JsonDict = field(default_factory=dict[str, Any])  # Any: JSON

    def metadata(self) -> JsonDict:
        """Return the description as the API answers it."""
        variables: JsonDict = {"type": "object", "properties": {**common_variables(), **self.variables}}
        if self.required:
            variables["required"] = list(self.required)
        if self.definitions:
            variables["definitions"] = self.definitions
        return {
            "type": self.type,
            "display_name": self.display_name,
            "description": self.description,
            "install_command": f"pip install {self.package}",
            "documentation_url": "",
            "logo_url": "",
            "is_beta": False,
            "default_base_job_configuration": {
                "job_configuration": {**{name: slot(name) for name in COMMON}, **self.job},
                "variables": variables,
            },
        }


def common_variables() -> dict[str, JsonDict]:
    """Return the schemas of the variables that every worker knows."""
    return {
        "name": variable("string", "Name", "Name of what a flow run is started as; by default that of the run."),
        "env": mapping("Environment", "Environment variables of the flow run."),
        "labels": mapping("Labels", "Labels on what a flow run is started as."),
        "command": variable("string", "Command", "The command that runs the flow run; best left to the worker."),
    }


def slot(name: str) -> str:
    """Return the place of a variable in a template."""
    return "{{ " + name + " }}"


def slots(*names: str) -> dict[str, str]:
    """Return variables that stand in the template under their own names."""
    return {name: slot(name) for name in names}


def variable(type_: str, title: str, description: str, **more: Any) -> JsonDict:  # Any: words of JSON Schema
    """Return the schema of a variable."""
    return {"type": type_, "title": title, "description": description, **more}


def mapping(title: str, description: str) -> JsonDict:
    """Return the schema of texts by name."""
    return variable("object", title, description, additionalProperties={"type": "string"})


def texts(title: str, description: str) -> JsonDict:
    """Return the schema of a list of texts."""
    return variable("array", title, description, items={"type": "string"})


def reference(definition: str, title: str, description: str) -> JsonDict:
    """Return the schema of a block, by the name of its definition."""
    return {"allOf": [{"$ref": f"#/definitions/{definition}"}], "title": title, "description": description}
