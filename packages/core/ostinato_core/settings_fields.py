"""How a setting is declared: by its path, from which its names in the environment follow."""

from typing import Any

from pydantic import AliasChoices, Field

from ostinato_core.environment import setting_names


def names_of(path: str, *older: str) -> AliasChoices:
    """Return the names of a setting: `OSTINATO_<PATH>`, else the reference's `PREFECT_<PATH>`, or an older name."""
    return AliasChoices(*setting_names(path, *older))


def setting(path: str, default: Any, description: str, *older: str, **limits: Any) -> Any:
    """Return the field of a setting; `limits` are pydantic's (`gt`, `le`, ...)."""
    # Any: pydantic's own Field() is typed so, because it stands for a value of the annotated type.
    return Field(default=default, validation_alias=names_of(path, *older), description=description, **limits)
