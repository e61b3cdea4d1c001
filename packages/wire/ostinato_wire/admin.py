"""What the server says of itself."""

from uuid import UUID

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
