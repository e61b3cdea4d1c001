"""What can be wrong with settings."""


class SettingsError(Exception):
    """A settings file or value cannot be used; the message names it, the reason and, where there is one, the remedy."""


class ProfileNotFound(SettingsError):
    """No profile has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Unknown profile {name!r}.")
        self.name = name


class SettingsWarning(UserWarning):
    """Something about settings is wrong, but the rest can be used."""
