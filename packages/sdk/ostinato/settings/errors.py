"""What can be wrong with settings."""

from collections.abc import Sequence


class SettingsError(Exception):
    """A settings file or value cannot be used; the message names it, the reason and, where there is one, the remedy."""


class ProfileNotFound(SettingsError):
    """No profile has this name."""

    def __init__(self, name: str, known: Sequence[str] = ()) -> None:
        from difflib import get_close_matches  # late: it is needed for a mistake only

        close = get_close_matches(name, known, n=1)
        super().__init__(f"Unknown profile {name!r}." + (f" Did you mean {close[0]!r}?" if close else ""))
        self.name = name


class SettingsWarning(UserWarning):
    """Something about settings is wrong, but the rest can be used."""
