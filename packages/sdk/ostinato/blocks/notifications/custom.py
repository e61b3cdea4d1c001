"""Any other service that takes HTTP requests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from pydantic import Field

from ostinato.blocks.fields import SecretDict
from ostinato.blocks.notifications.base import TIMEOUT, HttpNotificationBlock, Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Any below: JSON values.

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class CustomWebhookNotificationBlock(HttpNotificationBlock):
    """Tells any service that takes HTTP requests.

    In every text of the address and of the request, `{{subject}}`, `{{body}}` and `{{name}}` are filled in, and the
    names of the block's secrets.

    Example:
        ```python
        from ostinato.blocks.notifications import CustomWebhookNotificationBlock

        CustomWebhookNotificationBlock.load("my-service").notify("All is done.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Custom Webhook"

    name: str = Field(default=..., description="What the webhook is called.")
    url: str = Field(default=..., title="Webhook URL", description="The address.")
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(
        default="POST", description="The method of the request."
    )
    params: dict[str, str] | None = Field(default=None, title="Query Params", description="The query.")
    json_data: dict[str, Any] | None = Field(
        default=None,
        title="JSON Data",
        description="The body, as JSON.",
        examples=['{"text": "{{body}}"}'],
    )
    form_data: dict[str, str] | str | None = Field(
        default=None, title="Form Data", description="The body, as a form; not together with JSON."
    )
    headers: dict[str, str] | None = Field(default=None, description="Headers of the request.")
    cookies: dict[str, str] | None = Field(default=None, description="Cookies of the request.")
    timeout: float = Field(default=TIMEOUT, description="Seconds that the service may take to answer.")
    allow_private_urls: bool = Field(default=True, description="Whether addresses of private networks may be called.")
    secrets: SecretDict = Field(
        default_factory=lambda: SecretDict({}),
        title="Custom Secret Values",
        description="Values that the other fields may refer to.",
        examples=['{"token": "my secret"}'],
    )

    def block_initialization(self) -> None:
        """Check that there is at most one body, and that every secret that is referred to is there.

        Raises ValueError.
        """
        if self.json_data is not None and self.form_data is not None:
            raise ValueError("A webhook has JSON data or form data, not both.")
        known = {"subject", "body", "name", *self.secrets.get_secret_value()}
        unknown = sorted(_names_in(self._parts()) - known)
        if unknown:
            raise ValueError(f"The webhook refers to {unknown}, which are not among its secrets.")

    def messages(self, body: str, subject: str | None) -> Sequence[Message]:
        """Return the request, filled in."""
        values = {**self.secrets.get_secret_value(), "subject": subject or "", "body": body, "name": self.name}
        parts = cast("dict[str, Any]", _filled(self._parts(), values))
        url = parts.pop("url")
        return [Message(url, parts, self.method, self.timeout)]

    def _parts(self) -> dict[str, Any]:
        """Return the address and the keywords of httpx, without those that are not set."""
        form = {"content": self.form_data} if isinstance(self.form_data, str) else {"data": self.form_data}
        parts = {
            "url": self.url,
            "params": self.params,
            "json": self.json_data,
            "headers": self.headers,
            "cookies": self.cookies,
            **form,
        }
        return {name: value for name, value in parts.items() if value is not None}


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    """Return a value with the placeholders in all its texts filled in."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), value)
    if isinstance(value, dict):
        return {_filled(key, values): _filled(item, values) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_filled(item, values) for item in cast("list[Any]", value)]
    return value


def _names_in(value: Any) -> set[str]:
    names: set[str] = set()
    if isinstance(value, str):
        names.update(_PLACEHOLDER.findall(value))
    elif isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            names |= _names_in(key) | _names_in(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            names |= _names_in(item)
    return names
