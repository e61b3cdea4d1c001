"""Which settings exist and under which names: those of the SDK, and those that other distributions contribute."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast, get_args

from pydantic import AliasChoices, BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from ostinato.settings.errors import SettingsWarning
from ostinato.settings.model import FALLBACK_PREFIX, PREFIX, Settings
from ostinato.settings.values import Also, to_text

ENTRY_POINTS = "ostinato.settings"
"""Entry-point group: name -> pydantic model whose fields are settings read from the environment."""

BOOTSTRAP = (PREFIX + "HOME", PREFIX + "PROFILES_PATH")
"""Settings that tell where profiles are, so that no profile can hold them."""


@dataclass(frozen=True)
class Setting:
    """One setting: its name, every environment variable that gives it (best first), and what it may hold."""

    name: str
    accepted: tuple[str, ...]
    path: tuple[str, ...]
    """Where it is in `Settings`; empty for contributed ones."""
    model: type[BaseModel]
    """The model that the field is in."""
    key: str
    """Under which name the model takes its value."""
    field: FieldInfo

    @property
    def secret(self) -> bool:
        """Whether the value must not be shown."""
        candidates = (self.field.annotation, *get_args(self.field.annotation))
        return any(isinstance(item, type) and issubclass(item, (SecretStr, SecretBytes)) for item in candidates)

    @property
    def default(self) -> object:
        """The default, without those derived from other settings."""
        return self.field.get_default(call_default_factory=True, validated_data={})

    def to_text(self, value: object) -> str:
        """Return a value of a file as the environment variable holds it."""
        # Pydantic-settings reads lists as JSON, except fields that it is told not to decode: those split at commas.
        if isinstance(value, list) and any("NoDecode" in str(item) for item in self.field.metadata):
            return ",".join(str(item) for item in cast(list[object], value))  # items of any type
        return to_text(value)

    def check(self, text: str) -> None:
        """Raise `ValueError` with the reason if `text` is no value of this setting."""
        reasons = [self._reason(candidate) for candidate in (text, *_parsed(text))]
        if all(reasons):
            raise ValueError(reasons[0])

    def _reason(self, value: object) -> str:
        try:
            self.model.model_validate({self.key: value})
        except ValidationError as error:
            # Other fields may be missing or wrong, which is not the question.
            return "; ".join(reason_of(problem) for problem in error.errors() if problem["loc"][:1] == (self.key,))
        return ""


def _parsed(text: str) -> list[object]:
    """Return `text` as JSON if it is a list or object: so contributed models read them from the environment."""
    try:
        return [json.loads(text)] if text.lstrip().startswith(("[", "{")) else []
    except ValueError:
        return []


def reason_of(problem: ErrorDetails) -> str:
    """Return what is wrong, without pydantic's label for errors of our own validators."""
    return problem["msg"].removeprefix("Value error, ")


@cache
def own_settings() -> dict[str, Setting]:
    """Return the settings of the SDK by name."""
    return {setting.name: setting for setting in _own(Settings, ())}


@cache
def all_settings() -> dict[str, Setting]:
    """Return the settings of the SDK and of every installed distribution that contributes some, by name.

    Imports those distributions; one that cannot be imported is left out with a warning.
    """
    from importlib.metadata import entry_points  # late: few calls need it

    found = dict(own_settings())
    for entry_point in entry_points(group=ENTRY_POINTS):
        try:
            model = entry_point.load()
        except ImportError as error:
            message = f"Settings of {entry_point.value} are left out, since they cannot be imported: {error}."
            warnings.warn(message, SettingsWarning, stacklevel=2)
            continue
        for setting in contributed_settings(model):
            if not any(name in found for name in setting.accepted):
                found[setting.name] = setting
    return found


def find_setting(name: str) -> Setting | None:
    """Return the setting that `name`, in any of its accepted forms and in any case, stands for."""
    wanted = name.upper()
    return by_accepted_name(own_only=True).get(wanted) or by_accepted_name(own_only=False).get(wanted)


@cache
def by_accepted_name(own_only: bool) -> dict[str, Setting]:
    """Return settings by every name that is accepted for them."""
    settings = own_settings() if own_only else all_settings()
    return {name: setting for setting in settings.values() for name in setting.accepted}


def _own(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        section = _model_in(field.annotation)
        if section is not None:
            yield from _own(section, (*path, name))
            continue
        suffixes = ["_".join((*path, name)).upper()]
        suffixes += [older for item in field.metadata if isinstance(item, Also) for older in item.names]
        accepted = tuple(prefix + suffix for prefix in (PREFIX, FALLBACK_PREFIX) for suffix in suffixes)
        yield Setting(accepted[0], accepted, (*path, name), model, name, field)


def contributed_settings(model: type[BaseModel], prefix: str = "") -> Iterator[Setting]:
    """Yield the leaves of a model in the manner of pydantic-settings: `env_prefix`, aliases, nested models.

    A nested model with an `env_prefix` of its own starts anew from it; one without continues the prefix of its parent.
    """
    config: dict[str, Any] = dict(model.model_config)  # pydantic-settings adds members that ConfigDict lacks
    prefix = str(config.get("env_prefix") or prefix)
    delimiter = str(config.get("env_nested_delimiter") or "_")
    for name, field in model.model_fields.items():
        section = _model_in(field.annotation)
        if section is not None:
            yield from contributed_settings(section, f"{prefix}{name}{delimiter}")
        elif accepted := _accepted(field, f"{prefix}{name}"):
            key = _aliases(field)[0] if field.validation_alias else name
            yield Setting(accepted[0], accepted, (), model, key, field)


def _accepted(field: FieldInfo, plain: str) -> tuple[str, ...]:
    """Return the environment names of a field, `OSTINATO_` first, each with its twin of the other prefix."""
    names = _aliases(field) if field.validation_alias else [plain]
    names = [name.upper() for name in names]
    own = [PREFIX + _suffix(name) for name in names if name.startswith((PREFIX, FALLBACK_PREFIX))]
    twins = [FALLBACK_PREFIX + name.removeprefix(PREFIX) for name in own]
    return tuple(dict.fromkeys([*own, *twins]))


def _aliases(field: FieldInfo) -> list[str]:
    """Return the texts among the aliases; paths into nested values are no names of variables."""
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    return [choice for choice in choices if isinstance(choice, str)]


def _suffix(name: str) -> str:
    return name.removeprefix(PREFIX).removeprefix(FALLBACK_PREFIX)


def _model_in(annotation: Any) -> type[BaseModel] | None:  # annotations have no common type
    """Return the model that an annotation is, or holds beside None."""
    candidates = (annotation, *get_args(annotation))
    return next((item for item in candidates if isinstance(item, type) and issubclass(item, BaseModel)), None)
