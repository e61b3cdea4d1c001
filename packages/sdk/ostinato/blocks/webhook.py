"""`Webhook`: an address that is called over HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, SecretStr

from ostinato.blocks.core import Block
from ostinato.blocks.fields import SecretDict

if TYPE_CHECKING:
    import httpx

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
TIMEOUT = 30.0
"""Seconds that an address may take to answer."""


class Webhook(Block):
    """An address that is called over HTTP.

    Example:
        ```python
        from ostinato.blocks.webhook import Webhook

        await Webhook.load("my-webhook").call({"text": "done"})
        ```
    """

    _block_type_slug: ClassVar[str | None] = "webhook"

    method: Method = Field(default="POST", description="The method of the request.")
    url: SecretStr = Field(
        default=..., title="Webhook URL", description="The address.", examples=["https://hooks.example.com/XXX"]
    )
    headers: SecretDict = Field(
        default_factory=lambda: SecretDict({}), title="Webhook Headers", description="Headers of the request."
    )
    allow_private_urls: bool = Field(
        default=True, description="Whether addresses within private networks may be called."
    )
    verify: bool = Field(default=True, description="Whether the server's certificate is checked.")

    async def call(self, payload: dict[str, Any] | str | None = None) -> httpx.Response:  # Any: JSON values
        """Call the address with a payload, a JSON object or a text, and return its answer, whatever its status.

        Raises ValueError for a private address where those are not allowed, httpx.HTTPError if it does not answer.
        """
        import httpx

        from ostinato.blocks.addresses import check_public

        url = self.url.get_secret_value()
        if not self.allow_private_urls:
            await asyncio.to_thread(check_public, url)
        body: dict[str, Any] = {"content": payload} if isinstance(payload, str) else {"json": payload}  # Any: as above
        async with httpx.AsyncClient(
            timeout=TIMEOUT, verify=self.verify, headers=self.headers.get_secret_value()
        ) as client:
            return await client.request(self.method, url, **body)
