"""The reference of the SDK's public names: one page a subject; their text is that of the docstrings."""

import inspect
from collections.abc import Iterator
from importlib import import_module

SUBJECTS = {
    "Flows": ["flows"],
    "Tasks": ["tasks", "futures", "task_runners", "task_worker", "utilities.annotations"],
    "States": ["states"],
    "Results and caching": ["cache_policies", "results", "serializers", "filesystems"],
    "Transactions and locks": ["transactions", "locking.memory", "locking.filesystem", "locking.protocol"],
    "Concurrency": ["concurrency.sync", "concurrency.asyncio"],
    "Context and logging": ["context", "logging"],
    "Artifacts and variables": ["artifacts", "variables"],
    "Blocks": ["blocks.core", "blocks.system", "blocks.webhook", "blocks.abstract", "blocks.notifications"],
    "Pausing and inputs": ["flow_runs", "input"],
    "Deployments and schedules": ["deployments", "schedules", "runner"],
    "Workers": ["workers"],
    "Assets": ["assets"],
    "Events": ["events", "automations"],
    "Testing": ["testing.utilities"],
    "Exceptions": ["exceptions"],
}
"""Title of a page -> the modules that are on it, without the package's name."""

_OF_PYDANTIC = "model_config, model_post_init, model_fields, model_computed_fields"


def pages() -> dict[str, str]:
    """Return the pages by file name, and their list."""
    files = {title: title.lower().replace(" ", "_") for title in SUBJECTS}
    found = {f"api/{files[title]}.md": _page(title, modules) for title, modules in SUBJECTS.items()}
    lines = ["# Python API", "", "What a program may import, from the docstrings.", "", "```{toctree}", *files.values()]
    return found | {"api/index.md": "\n".join([*lines, "```", ""])}


def public_names(module_name: str) -> list[str]:
    """Return what a module lists as public, else what it defines without a leading underscore."""
    module = import_module(module_name)
    listed: list[str] | None = getattr(module, "__all__", None)
    if listed is not None:
        return listed
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module_name
    ]


def _page(title: str, modules: list[str]) -> str:
    lines = [f"# {title}", ""]
    told: set[int] = set()
    for module_name in (f"ostinato.{name}" for name in modules):
        summary = inspect.getdoc(import_module(module_name)) or ""
        lines += [f"## {module_name}", "", summary.partition("\n\n")[0], "", "```{eval-rst}"]
        lines += [f".. currentmodule:: {module_name}", ""]
        for name in public_names(module_name):
            lines += [*_directive(module_name, name, told), ""]
        lines += ["```", ""]
    return "\n".join(lines)


def _directive(module_name: str, name: str, told: set[int]) -> Iterator[str]:
    value = getattr(import_module(module_name), name)
    if inspect.isclass(value):
        yield f".. autoclass:: {name}"
        yield "   :members:"
        yield f"   :exclude-members: {_OF_PYDANTIC}"
    elif inspect.isroutine(value):
        yield f".. autofunction:: {name}"
    else:
        yield f".. autodata:: {name}"
        yield "   :no-value:"
    if id(value) in told:  # the same thing, public in two modules
        yield "   :no-index:"
    told.add(id(value))
