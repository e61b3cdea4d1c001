"""Names of settings as objects: `temporary_settings({OSTINATO_API_URL: url})`, `OSTINATO_API_URL.value()`."""

from __future__ import annotations

import re
from typing import Any

from ostinato.settings.catalogue import find_setting
from ostinato.settings.current import get_current_settings

NAMES = re.compile(r"^(OSTINATO|PREFECT)_[A-Z0-9_]+$")


class SettingName(str):
    """The environment's name of a setting, which knows the value in force."""

    __slots__ = ()

    @classmethod
    def of(cls, name: str) -> SettingName | None:
        """Return the setting of a name, in any of its spellings; None if there is none of this SDK."""
        setting = find_setting(name)
        return cls(setting.name) if setting is not None and setting.path else None

    def value(self) -> Any:  # Any: settings are of many types
        """Return the value in force here."""
        setting = find_setting(self)
        value: Any = get_current_settings()
        for step in setting.path if setting is not None else ():
            value = getattr(value, step)
        return value
