"""The data of webhook blocks."""

from typing import Final, Literal

from pydantic import ConfigDict, Field

from ostinato_wire.base import WireModel

SLUG: Final = "webhook"
TIMEOUT: Final = 30.0
"""Seconds that an address may take to answer."""
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class WebhookData(WireModel):
    """An address that is called. With `signing_secret`, one or several with spaces between, calls are signed."""

    model_config = ConfigDict(hide_input_in_errors=True, defer_build=True)

    method: Method = "POST"
    url: str = Field(repr=False)
    headers: dict[str, str] = Field(default_factory=dict, repr=False)
    allow_private_urls: bool = True
    verify: bool = True
    signing_secret: str | None = Field(default=None, repr=False)
