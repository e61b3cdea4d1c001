"""`Webhook`: an address that is called over HTTP."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from pydantic import Field, SecretStr

from ostinato.blocks.core import Block
from ostinato.blocks.fields import SecretDict
from ostinato_wire.webhook_blocks import SLUG, TIMEOUT, Method
from ostinato_wire.webhook_signatures import sign, split_secrets

if TYPE_CHECKING:
    import httpx


class Webhook(Block):
    """An address that is called over HTTP.

    Example:
        ```python
        from ostinato.blocks.webhook import Webhook

        await Webhook.load("my-webhook").call({"text": "done"})
        ```
    """

    _block_type_slug: ClassVar[str | None] = SLUG

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
    signing_secret: SecretStr | None = Field(
        default=None,
        description="The secret by which calls are signed after the Standard Webhooks specification, or several with "
        "spaces between while one is replaced by another.",
        examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
    )

    async def call(self, payload: dict[str, Any] | str | None = None) -> httpx.Response:  # Any: JSON values
        """Call the address with a payload, a JSON object or a text, and return its answer, whatever its status.

        Raises ValueError for a private address where those are not allowed and for a signing secret that is none,
        httpx.HTTPError if it does not answer.
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
            request = client.build_request(self.method, url, **body)
            request.headers.update(self._signature(request.content))
            return await client.send(request)

    def _signature(self, content: bytes) -> dict[str, str]:
        if self.signing_secret is None:
            return {}
        secrets = split_secrets(self.signing_secret.get_secret_value())
        return sign(secrets, str(uuid4()), datetime.now(UTC), content)
