"""The settings in force: read once per process, replaced for a block by `temporary_settings`."""

import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from threading import RLock
from typing import Any

from pydantic import BaseModel, ValidationError

from ostinato.settings.catalogue import Setting, all_settings, find_setting, own_settings, reason_of
from ostinato.settings.errors import SettingsError
from ostinato.settings.model import Settings
from ostinato.settings.profiles import Profile
from ostinato.settings.sources import Source, Sources, put, read_sources

_override: ContextVar[Settings | None] = ContextVar("ostinato_settings", default=None)
_profile: ContextVar[Profile | None] = ContextVar("ostinato_profile", default=None)


@dataclass
class _Process:
    """What this process has read so far."""

    sources: Sources | None = None
    settings: Settings | None = None


_process = _Process()
_lock = RLock()


def load_settings(sources: Sources | None = None) -> Settings:
    """Return the settings that `sources` give; by default those of this moment, read anew.

    Raises `SettingsError` for a broken file or a value that does not fit.
    """
    sources = sources or read_sources()
    try:
        return Settings.model_validate(sources.tree(own_settings().values()))
    except ValidationError as error:
        raise SettingsError(_explain(error, sources)) from None


def process_sources() -> Sources:
    """Return the origins of this process's settings; they are read at the first call. Raises `SettingsError`."""
    with _lock:
        _process.sources = _process.sources or read_sources()
        return _process.sources


def reread_sources(profile: str | None = None) -> Sources:
    """Read the origins anew for this process; the values of a `profile` named here outrank the environment.

    Raises `ProfileNotFound` for an unknown profile, `SettingsError` for a broken file.
    """
    with _lock:
        _process.sources = read_sources(profile)
        _process.settings = None
        return _process.sources


def reset_process() -> None:
    """Forget what was read; the next call that needs settings reads the origins anew."""
    with _lock:
        _process.sources = _process.settings = None


def get_current_settings() -> Settings:
    """Return the settings in force here: of the innermost `temporary_settings`, else of the process.

    Sources are read once per process, so a later change of `os.environ` is not seen. Raises `SettingsError`.
    """
    override = _override.get()
    if override is not None:
        return override
    settings = _process.settings
    if settings is None:
        with _lock:
            settings = _process.settings = load_settings(process_sources())
    return settings


def get_current_profile() -> Profile:
    """Return the profile in use here: of the innermost `use_profile`, else of the process."""
    return _profile.get() or process_sources().profile


@contextmanager
def use_profile(
    profile: Profile | str, override_environment_variables: bool = False, include_current_context: bool = True
) -> Generator[Settings]:
    """Use the values of a profile within a block, for this thread or asyncio task and what copies its context.

    The environment outranks them unless `override_environment_variables`. Other settings stay as they are, or are
    as if never set without `include_current_context`. Raises `ProfileNotFound`, or `SettingsError` for a value that
    does not fit.
    """
    chosen = profile if isinstance(profile, Profile) else process_sources().profiles.get(profile)
    tree = _set_values(get_current_settings()) if include_current_context else {}
    ranked = [Source("env", dict(os.environ)), Source("profile", chosen.values)]
    if override_environment_variables:
        ranked.reverse()
    for setting in own_settings().values():
        value = next((found for source in ranked if (found := source.find(setting)) is not None), None)
        if value is not None and (not include_current_context or Source("", chosen.values).find(setting) is not None):
            put(tree, setting.path, value)
    token = _profile.set(chosen)
    try:
        with _in_force(tree) as settings:
            yield settings
    finally:
        _profile.reset(token)


@contextmanager
def temporary_settings(
    updates: Mapping[str, object] | None = None,
    set_defaults: Mapping[str, object] | None = None,
    restore_defaults: Iterable[str] = (),
) -> Generator[Settings]:
    """Change settings within a block, for this thread or asyncio task and what copies its context.

    Keys are paths (`api.url`) or environment names (`OSTINATO_API_URL`, `PREFECT_API_URL`). A value of None is the
    value None; `set_defaults` are for settings that nobody has set, `restore_defaults` names settings that shall
    be as if never set.
    Raises `SettingsError` for an unknown name or a value that does not fit.
    """
    tree = _set_values(get_current_settings())
    for name in restore_defaults:
        _remove(tree, _own(name).path)
    for name, value in (set_defaults or {}).items():
        if not _has(tree, path := _own(name).path):
            put(tree, path, value)
    for name, value in (updates or {}).items():
        put(tree, _own(name).path, value)
    with _in_force(tree) as settings:
        yield settings


@contextmanager
def _in_force(tree: Mapping[str, Any]) -> Generator[Settings]:  # a tree of mixed values
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError(_explain(error, None)) from None
    token = _override.set(settings)
    try:
        yield settings
    finally:
        _override.reset(token)


def resolved_environment() -> dict[str, str]:
    """Return the environment of a server or other child: `os.environ` and what files and the profile add to it.

    The result also holds settings contributed by other distributions, under their `OSTINATO_` names.
    """
    additions = environment_additions(process_sources())
    overridden = _override.get()
    if overridden is not None:
        additions |= overridden.to_environment_variables()
    return dict(os.environ) | additions


def environment_additions(sources: Sources) -> dict[str, str]:
    """Return the environment variables for all values that come from elsewhere than the environment."""
    additions: dict[str, str] = {}
    for setting in all_settings().values():
        found = sources.find(setting)
        if found is not None and found[1] != "env":
            additions[setting.name] = setting.to_text(found[0])
    return additions


def _own(name: str) -> Setting:
    setting = own_settings().get("OSTINATO_" + name.replace(".", "_").upper()) or find_setting(name)
    if setting is None or not setting.path:
        raise SettingsError(f"Unknown setting {name!r}.")
    return setting


def _set_values(section: BaseModel) -> dict[str, Any]:  # a tree of mixed values
    """Return what was set explicitly, as nested dictionaries."""
    values = {name: getattr(section, name) for name in type(section).model_fields if name in section.model_fields_set}
    return {name: _set_values(value) if isinstance(value, BaseModel) else value for name, value in values.items()}


def _has(tree: Mapping[str, Any], path: tuple[str, ...]) -> bool:  # a tree of mixed values
    for step in path[:-1]:
        tree = tree.get(step, {})
    return path[-1] in tree


def _remove(tree: dict[str, Any], path: tuple[str, ...]) -> None:  # a tree of mixed values
    for step in path[:-1]:
        tree = tree.get(step, {})
    tree.pop(path[-1], None)


def _explain(error: ValidationError, sources: Sources | None) -> str:
    lines: list[str] = []
    for problem in error.errors():
        location = tuple(str(part) for part in problem["loc"])
        setting = next((item for item in own_settings().values() if location[: len(item.path)] == item.path), None)
        name = setting.name if setting else ".".join(location)
        origin = sources.find(setting) if sources and setting else None
        lines.append(f"{name}{f' (from {origin[1]})' if origin else ''}: {reason_of(problem)}.")
    return "Invalid settings. " + " ".join(dict.fromkeys(lines))
