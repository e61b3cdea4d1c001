"""How a setting is declared: by its path, from which its names in the environment follow."""

from typing import Any

from pydantic import AliasChoices, Field


def names_of(path: str, *older: str) -> AliasChoices:
    """Return the names of a setting: `OSTINATO_<PATH>`, else the reference's `PREFECT_<PATH>`, or an older name."""
    names = [path, *older]
    return AliasChoices(*(f"OSTINATO_{name}" for name in names), *(f"PREFECT_{name}" for name in names))


def setting(path: str, default: Any, description: str, *older: str, **limits: Any) -> Any:
    """Return the field of a setting; `limits` are pydantic's (`gt`, `le`, ...)."""
    # Any: pydantic's own Field() is typed so, because it stands for a value of the annotated type.
    return Field(default=default, validation_alias=names_of(path, *older), description=description, **limits)
