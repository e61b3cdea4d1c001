"""Any other service that takes HTTP requests."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from ostinato.blocks.documents import document_data
from ostinato.blocks.fields import SecretDict
from ostinato.blocks.notifications.base import SharedNotificationBlock
from ostinato_wire.notifications.base import TIMEOUT
from ostinato_wire.notifications.custom import CustomWebhook

# Any below: JSON values.


class CustomWebhookNotificationBlock(SharedNotificationBlock):
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
    _shared: ClassVar = CustomWebhook

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
        unknown = CustomWebhook.model_validate(document_data(self)).unknown_names()
        if unknown:
            raise ValueError(f"The webhook refers to {unknown}, which are not among its secrets.")
