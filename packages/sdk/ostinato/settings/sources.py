"""Where values come from: environment, files of the working directory, the active profile; and which of them wins."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ostinato.settings.catalogue import Setting, own_settings
from ostinato.settings.model import PREFIX, Settings
from ostinato.settings.profiles import DEFAULT_PROFILE, Profile, Profiles, load_profiles, read_toml

PROFILE_VARIABLES = ("OSTINATO_PROFILE", "PREFECT_PROFILE")
"""Which profile to use. The second may be meant for another program: it counts if it names a profile of ours."""


@dataclass(frozen=True)
class Source:
    """Values of one origin by environment-style name."""

    label: str
    values: Mapping[str, object]

    def find(self, setting: Setting) -> object | None:
        """Return the value of a setting, or None; empty texts count as absent."""
        return next((value for name in setting.accepted if (value := self.values.get(name)) not in (None, "")), None)


@dataclass(frozen=True)
class Sources:
    """All origins, the strongest first, and the profile in use."""

    profile: Profile
    profiles: Profiles
    stack: tuple[Source, ...]
    toml_names: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Names of the leaves of each TOML source, to tell which of them are no settings."""

    def find(self, setting: Setting) -> tuple[object, str] | None:
        """Return the value of a setting and the label of its origin, or None if no origin has it."""
        for source in self.stack:
            value = source.find(setting)
            if value is not None:
                return value, source.label
        return None

    def tree(self, settings: Iterable[Setting]) -> dict[str, Any]:  # a tree of mixed values
        """Return the values of settings as nested dictionaries by path."""
        root: dict[str, Any] = {}  # a tree of mixed values
        for setting in settings:
            found = self.find(setting)
            if found is not None:
                put(root, setting.path, found[0])
        return root


def put(tree: dict[str, Any], path: tuple[str, ...], value: object) -> None:  # a tree of mixed values
    """Set the value at a path, making the dictionaries on the way."""
    for step in path[:-1]:
        tree = tree.setdefault(step, {})
    tree[path[-1]] = value


def read_sources(profile_name: str | None = None, folder: Path | None = None) -> Sources:
    """Read every origin. A `profile_name` given here outranks the environment; it must exist (`ProfileNotFound`).

    `folder` is where `.env`, `ostinato.toml` and `pyproject.toml` are looked for: the working directory.
    Raises `SettingsError` for a broken file.
    """
    folder = folder or Path.cwd()
    environment = Source("env", dict(os.environ))
    ostinato_toml = read_toml(folder / "ostinato.toml")
    pyproject = _table(_table(read_toml(folder / "pyproject.toml"), "tool"), "ostinato")
    trees = {"ostinato.toml": ostinato_toml, "pyproject.toml": pyproject}
    files = [Source(".env file", _read_dotenv(folder / ".env"))]
    files += [Source(label, _flat(tree)) for label, tree in trees.items()]
    before_profile = Sources(Profile(""), Profiles(Path()), (environment, *files))
    profiles = load_profiles(_profiles_path(before_profile))
    profile = _pick_profile(profiles, profile_name, before_profile)
    in_profile = Source("profile", {} if _in_test_mode(before_profile) else profile.values)
    stack = (in_profile, environment, *files) if profile_name else (environment, *files, in_profile)
    return Sources(profile, profiles, stack, {label: _leaf_names(tree) for label, tree in trees.items()})


def _table(document: Mapping[str, Any], name: str) -> dict[str, Any]:  # TOML of any shape
    table = document.get(name)
    return cast(dict[str, Any], table) if isinstance(table, dict) else {}  # keys of TOML tables are texts


def _profiles_path(sources: Sources) -> Path:
    bootstrap = [own_settings()[PREFIX + name] for name in ("HOME", "PROFILES_PATH")]
    return Settings.model_validate(sources.tree(bootstrap)).profiles_path


def _in_test_mode(sources: Sources) -> bool:
    found = sources.find(own_settings()[PREFIX + "TESTING_TEST_MODE"])
    return found is not None and str(found[0]).lower() in {"1", "true", "yes", "on"}


def _pick_profile(profiles: Profiles, asked_for: str | None, sources: Sources) -> Profile:
    if asked_for:
        return profiles.get(asked_for)
    ours, fallback = (str(sources.stack[0].values.get(name) or "") for name in PROFILE_VARIABLES)
    if ours:
        return profiles.get(ours)
    found = profiles.find(fallback) or profiles.find(profiles.active or DEFAULT_PROFILE)
    return found or profiles.get(DEFAULT_PROFILE)


def _read_dotenv(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values  # late: most folders have no such file

    return {name.upper(): value for name, value in dotenv_values(path).items() if value}


def _flat(tree: Mapping[str, Any], prefix: str = PREFIX) -> dict[str, object]:  # TOML of any shape
    """Return every table and leaf under its environment-style name; tables too, for settings that are mappings."""
    flat: dict[str, object] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}".upper()
        flat[name] = value
        if isinstance(value, dict):
            flat |= _flat(cast(dict[str, Any], value), f"{name}_")  # keys of TOML tables are texts
    return flat


def _leaf_names(tree: Mapping[str, Any]) -> frozenset[str]:  # TOML of any shape
    return frozenset(name for name, value in _flat(tree).items() if not isinstance(value, dict))
