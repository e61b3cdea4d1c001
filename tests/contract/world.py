"""The objects that a contract test works on, and the values that they give to paths."""

import re
from dataclasses import dataclass, field
from uuid import uuid4

from tests.support.json import Json

PARAMETERS: dict[str, dict[str, tuple[str, str]]] = {
    "/flows/": {"id": ("flow", "id"), "name": ("flow", "name")},
    "/flow_runs/": {"id": ("flow_run", "id"), "key": ("flow_run_input", "key")},
    "/task_runs/": {"id": ("task_run", "id")},
    "/ui/task_runs/": {"id": ("task_run", "id")},
    "/flow_run_states/": {"id": ("flow_run", "state_id")},
    "/task_run_states/": {"id": ("task_run", "state_id")},
    "/deployments/": {
        "id": ("deployment", "id"), "schedule_id": ("deployment_schedule", "id"),
        "flow_name": ("flow", "name"), "deployment_name": ("deployment", "name"),
    },
    "/saved_searches/": {"id": ("saved_search", "id")},
    "/concurrency_limits/": {"id": ("tag_limit", "id"), "tag": ("tag_limit", "tag")},
    "/v2/concurrency_limits/": {"id_or_name": ("limit", "name"), "lease_id": ("lease", "lease_id")},
    "/block_types/": {
        "id": ("block_type", "id"), "slug": ("block_type", "slug"), "block_document_name": ("block_document", "name"),
    },
    "/block_schemas/": {"id": ("block_schema", "id"), "checksum": ("block_schema", "checksum")},
    "/block_documents/": {"id": ("block_document", "id")},
    "/work_pools/": {"name": ("work_pool", "name"), "work_pool_name": ("work_pool", "name")},
    "/work_pools/{work_pool_name}/queues/": {"name": ("pool_queue", "name")},
    "/work_pools/{work_pool_name}/workers/": {"name": ("worker", "name")},
    "/work_queues/": {"id": ("work_queue", "id"), "name": ("work_queue", "name")},
    "/artifacts/": {"id": ("artifact", "id"), "key": ("artifact", "key")},
    "/variables/": {"id": ("variable", "id"), "name": ("variable", "name")},
    "/automations/": {"id": ("automation", "id"), "resource_id": ("automation", "owner_resource")},
}  # fmt: skip
"""Path prefix -> parameter -> (kind of object, its member that fills the parameter); the longest prefix counts."""

FIXED = {"countable": "event", "view": "aggregate-worker-metadata"}
"""Parameters whose values are words of the API."""

UUID_PARAMETERS = ("id", "schedule_id", "lease_id")


@dataclass
class World:
    """The objects of one test by kind, each as the API answered it."""

    objects: dict[str, Json] = field(default_factory=dict[str, Json])

    def __getitem__(self, kind: str) -> Json:
        """Return the object of this kind; raises KeyError if the case does not name it as needed."""
        return self.objects[kind]

    def fill(self, path: str, *, unknown: tuple[str, ...] = ()) -> str:
        """Put the values of this world into a path template; those of the parameters `unknown` belong to nothing."""
        filled = path
        for name in parameters(path):
            if name in unknown:
                value = str(uuid4()) if name in UUID_PARAMETERS else f"no-{uuid4()}"
            else:
                value = self.value(path, name)
            filled = filled.replace(f"{{{name}}}", value, 1)
        return filled

    def value(self, path: str, name: str) -> str:
        """Return what this world puts for a parameter of a path template."""
        if name in FIXED:
            return FIXED[name]
        kind, member = _source(path, name)
        return str(self[kind][member])


def parameters(path: str) -> list[str]:
    """Return the names of the parameters of a path template, in order."""
    return re.findall(r"\{(\w+)\}", path)


def path_kinds(path: str) -> tuple[str, ...]:
    """Return the kinds of object whose values fill a path template."""
    return tuple(_source(path, name)[0] for name in parameters(path) if name not in FIXED)


def _source(path: str, name: str) -> tuple[str, str]:
    prefixes = [each for each in PARAMETERS if path.startswith(each) and name in PARAMETERS[each]]
    return PARAMETERS[max(prefixes, key=len)][name]
