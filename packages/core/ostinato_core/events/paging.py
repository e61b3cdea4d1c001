"""Page tokens: the filter with its times fixed, and where the last page ended."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from ostinato_core.errors import Forbidden
from ostinato_core.events.queries import Place
from ostinato_wire.events import EventFilter

MOST_EVENTS = 50
"""Events of a page, at most."""


class PageToken(BaseModel):
    """What the next page needs. Opaque to clients; it holds nothing that its bearer could not ask for anyway."""

    filter: EventFilter
    total: int = Field(ge=0)
    limit: int = Field(ge=1, le=MOST_EVENTS)
    occurred: datetime
    id: UUID

    @property
    def place(self) -> Place:
        """Where the last page ended."""
        return Place(self.occurred, self.id)

    def encode(self) -> str:
        """Return the token as text that fits into a URL as it is."""
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")


def decode_token(text: str) -> PageToken:
    """Return a token. Errors: Forbidden for a text that is none."""
    try:
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return PageToken.model_validate_json(base64.b64decode(padded.encode(), altchars=b"-_", validate=True))
    except (binascii.Error, ValidationError, ValueError):
        raise Forbidden("Forbidden") from None
