"""What the server says of itself."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato_wire.base import UtcTime, WireModel


class CsrfTokenQuery(WireModel):
    """Query of `GET /csrf-token`."""

    client: str


class CsrfToken(WireModel):
    """A token against cross-site request forgery, for one client, until `expiration`."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    token: str
    client: str
    expiration: UtcTime


class DefaultResultStorage(WireModel):
    """The block that results are stored in where a run names none."""

    default_result_storage_block_id: UUID | None


class DefaultResultStorageUpdate(WireModel):
    """Body of `PUT /admin/storage`."""

    default_result_storage_block_id: UUID


class Maintenance(WireModel):
    """Whether clients are told to wait, why, since when, and after how many seconds to ask again."""

    is_on: bool
    message: str | None = None
    since: UtcTime | None = None
    retry_after: float | None = None


class MaintenanceBegin(WireModel):
    """Body of `PUT /admin/maintenance`."""

    message: Annotated[str, Field(min_length=1, max_length=500)] = "The server is being maintained."
    retry_after: Annotated[float, Field(ge=1, le=300)] = 5.0
