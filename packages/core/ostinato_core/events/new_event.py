"""An event that the server makes itself, before it is recorded."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict
from uuid import UUID


class NewEvent(TypedDict):
    """An event to be recorded; `id` is a new one and `occurred` the transaction's time unless given."""

    event: str
    resource: Mapping[str, str]
    related: NotRequired[Sequence[Mapping[str, str]]]
    payload: NotRequired[Mapping[str, Any]]  # Any: any JSON value
    id: NotRequired[UUID]
    occurred: NotRequired[datetime]
    follows: NotRequired[UUID | None]
