"""Settings of the SDK and CLI: `OSTINATO_*` variables, files and profiles; `PREFECT_*` names are accepted as well."""

from ostinato.settings.current import (
    get_current_profile,
    get_current_settings,
    load_settings,
    resolved_environment,
    temporary_settings,
    use_profile,
)
from ostinato.settings.errors import ProfileNotFound, SettingsError, SettingsWarning
from ostinato.settings.model import Settings
from ostinato.settings.names import NAMES, SettingName
from ostinato.settings.profiles import Profile

__all__ = [
    "Profile",
    "ProfileNotFound",
    "SettingName",
    "Settings",
    "SettingsError",
    "SettingsWarning",
    "get_current_profile",
    "get_current_settings",
    "load_settings",
    "resolved_environment",
    "temporary_settings",
    "use_profile",
]


def __getattr__(name: str) -> SettingName:
    """Return the name of a setting: `OSTINATO_API_URL`, or `PREFECT_API_URL`."""
    if NAMES.match(name):
        found = SettingName.of(name)
        if found is not None:
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
