"""Profiles: named sets of settings in a TOML file, one of which is active."""

import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from ostinato.settings.errors import ProfileNotFound, SettingsError, SettingsWarning

BUILT_IN: dict[str, dict[str, str]] = {
    "ephemeral": {"OSTINATO_SERVER_EPHEMERAL_ENABLED": "true"},
    "local": {"OSTINATO_API_URL": "http://127.0.0.1:4200/api"},
    "test": {
        "OSTINATO_SERVER_EPHEMERAL_ENABLED": "true",
        "OSTINATO_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///:memory:",
    },
}
"""Profiles that exist without a file."""

DEFAULT_PROFILE = "ephemeral"


@dataclass
class Profile:
    """A name and its values: environment-style name -> text."""

    name: str
    values: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Profiles:
    """The profiles of one file. Built-in ones are found too, and are written only once they are changed."""

    path: Path
    active: str | None = None
    saved: dict[str, Profile] = field(default_factory=dict[str, Profile])

    def find(self, name: str) -> Profile | None:
        """Return a saved or built-in profile, or None."""
        if name in self.saved:
            return self.saved[name]
        return Profile(name, dict(BUILT_IN[name])) if name in BUILT_IN else None

    def get(self, name: str) -> Profile:
        """Return a saved or built-in profile; raises `ProfileNotFound`."""
        profile = self.find(name)
        if profile is None:
            raise ProfileNotFound(name, self.names())
        return profile

    def names(self) -> list[str]:
        """Return the names of all profiles, saved or built in."""
        return [*self.saved, *(name for name in BUILT_IN if name not in self.saved)]

    def add(self, profile: Profile) -> None:
        """Put a profile in, or replace the one of its name."""
        self.saved[profile.name] = profile

    def save(self) -> None:
        """Write the file, readable by its owner only since it may hold keys; raises `SettingsError`."""
        import tomli_w  # late: only commands that change something need it

        document: dict[str, Any] = {"active": self.active} if self.active else {}  # TOML of mixed values
        document["profiles"] = {name: dict(sorted(item.values.items())) for name, item in self.saved.items()}
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.touch(mode=0o600)
            beside.write_text(tomli_w.dumps(document), encoding="utf-8")
            beside.replace(self.path)
        except OSError as error:
            raise SettingsError(f"Cannot write profiles to {self.path}: {error.strerror}.") from None


class _ProfilesFile(BaseModel):
    active: str | None = None
    profiles: dict[str, dict[str, str | bool | int | float]] = Field(
        default_factory=dict[str, dict[str, str | bool | int | float]]
    )


def load_profiles(path: Path) -> Profiles:
    """Return the profiles of a file. A missing file has none; a broken one gives a warning and has none."""
    try:
        document = read_toml(path)
    except SettingsError as error:
        warnings.warn(f"{error} Its profiles are ignored.", SettingsWarning, stacklevel=2)
        return Profiles(path)
    try:
        parsed = _ProfilesFile.model_validate(document)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        message = f"{path}: {where}: {problem['msg']}. Its profiles are ignored."
        warnings.warn(message, SettingsWarning, stacklevel=2)
        return Profiles(path)
    saved = {
        name: Profile(name, {key: _text(value) for key, value in table.items()})
        for name, table in parsed.profiles.items()
    }
    return Profiles(path, parsed.active, saved)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_toml(path: Path) -> dict[str, Any]:  # TOML of any shape
    """Return the content of a TOML file, empty if there is none; raises `SettingsError` that names the file."""
    if not path.is_file():
        return {}
    import tomllib  # late: most starts have no file to read

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from None
