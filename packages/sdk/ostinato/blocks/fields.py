"""Types of fields that only blocks have."""

from __future__ import annotations

from typing import Any

from pydantic import Secret


class SecretDict(Secret[dict[str, Any]]):  # Any: JSON values
    """A dictionary whose values are secret: masked when it is shown, in clear from `get_secret_value()`."""

    def _display(self) -> str | bytes:
        return "**********" if self.get_secret_value() else ""
