"""Settings of the SDK and CLI: `OSTINATO_*` variables, files and profiles; `PREFECT_*` names are accepted as well."""

from ostinato.settings.current import (
    get_current_profile,
    get_current_settings,
    load_settings,
    resolved_environment,
    temporary_settings,
)
from ostinato.settings.errors import ProfileNotFound, SettingsError, SettingsWarning
from ostinato.settings.model import Settings

__all__ = [
    "ProfileNotFound",
    "Settings",
    "SettingsError",
    "SettingsWarning",
    "get_current_profile",
    "get_current_settings",
    "load_settings",
    "resolved_environment",
    "temporary_settings",
]
