"""`Secret`: one value that is masked wherever it is shown."""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar

from pydantic import Field, JsonValue, SecretStr
from pydantic import Secret as PydanticSecret

from ostinato.blocks.core import Block

__all__ = ["Secret"]

SecretValue = PydanticSecret[
    SecretStr | Annotated[str, Field(title="string")] | Annotated[JsonValue, Field(title="JSON")]
]


class Secret(Block):
    """Any value that must stay secret, such as a password or a token.

    Example:
        ```python
        from ostinato.blocks.system import Secret

        Secret(value="sk-1234567890").save("my-token", overwrite=True)

        Secret.load("my-token").get()
        ```
    """

    _block_type_slug: ClassVar[str | None] = "secret"

    value: SecretValue = Field(
        description="The value to keep secret.",
        json_schema_extra={"writeOnly": True, "format": "password"},
    )

    def __init__(self, value: Any = ..., **rest: Any) -> None:  # Any: a text, or any JSON value
        super().__init__(**({} if value is ... else {"value": value}), **rest)

    def get(self) -> Any:  # Any: any JSON value
        """Return the secret; a text that is JSON as the value that it stands for."""
        value = self.value.get_secret_value()
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError:
            return value
