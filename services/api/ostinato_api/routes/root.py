"""What says that the server is there, and which it is."""

from typing import Any

from sqlalchemy import literal, select

from ostinato_api.csrf import issue_token
from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.shown_settings import shown
from ostinato_core.block_documents import result_storage
from ostinato_core.errors import Fact, Invalid
from ostinato_core.maintenance.operations import begin_maintenance, end_maintenance, read_notice
from ostinato_core.maintenance.operations import shown as shown_notice
from ostinato_core.transaction import Transaction
from ostinato_wire import API_VERSION
from ostinato_wire.admin import (
    CsrfToken,
    CsrfTokenQuery,
    DefaultResultStorage,
    DefaultResultStorageUpdate,
    Maintenance,
    MaintenanceBegin,
)

routes = Routes("Root")
admin = Routes("Admin")

REFERENCE_VERSION = "3.8.4"
"""The product version that clients of the reference compare with their own: the one whose wire this server speaks."""


@routes.get("/health")
@endpoint(returns=bool)
async def health(call: Call[None]) -> Reply:
    """Whether the process answers."""
    return Reply(True)


@routes.get("/ready")
@endpoint(returns=dict[str, str], statuses=(200, 503))
async def ready(call: Call[None]) -> Reply:
    """Whether the database answers too."""
    try:
        await call.lookup(_ask_database)
    except Fact:
        return Reply({"message": "Database is not available"}, 503)
    return Reply({"message": "OK"})


async def _ask_database(tx: Transaction) -> None:
    await tx.value(select(literal(1)))


@routes.get("/hello")
@endpoint(returns=str)
async def hello(call: Call[None]) -> Reply:
    """Say hello."""
    return Reply("👋")


@routes.get("/version")
@endpoint(returns=str)
async def api_version(call: Call[None]) -> Reply:
    """The version of the API."""
    return Reply(API_VERSION)


@routes.get("/csrf-token")
@endpoint(query=CsrfTokenQuery, returns=CsrfToken)
async def csrf_token(call: Call[None]) -> Reply:
    """Issue a token to a client, where the server asks for tokens."""
    settings = call.services.settings
    if not settings.api_csrf_protection_enabled:
        raise Invalid("CSRF protection is disabled.")
    return Reply(await call.write(issue_token, call.query.client, settings.api_csrf_token_expiration))


@admin.get("/admin/version")
@endpoint(returns=str)
async def server_version(call: Call[None]) -> Reply:
    """The product version whose wire this server speaks."""
    return Reply(REFERENCE_VERSION)


@admin.get("/admin/settings")
@endpoint(returns=dict[str, Any])
async def read_settings(call: Call[None]) -> Reply:
    """The server's settings by group, secrets masked."""
    return Reply(shown(call.services.settings))


@admin.get("/admin/maintenance")
@endpoint(returns=Maintenance)
async def read_maintenance(call: Call[None]) -> Reply:
    """Whether there is maintenance. Not an operation of the reference."""
    return Reply(shown_notice(await call.lookup(read_notice)).model_dump(mode="json"))


@admin.put("/admin/maintenance")
@endpoint(body=MaintenanceBegin, returns=Maintenance)
async def begin(call: Call[MaintenanceBegin]) -> Reply:
    """Begin maintenance: all other requests are answered 503, with what makes clients wait for its end."""
    begun = await call.write(begin_maintenance, call.body)
    await call.services.maintenance.look()
    return Reply(begun.model_dump(mode="json"))


@admin.delete("/admin/maintenance")
@endpoint(statuses=(204,))
async def end(call: Call[None]) -> Reply:
    """End maintenance."""
    await call.write(end_maintenance)
    await call.services.maintenance.look()
    return NO_CONTENT


@admin.get("/admin/storage")
@endpoint(returns=DefaultResultStorage)
async def read_storage(call: Call[None]) -> Reply:
    """The block that results are stored in by default."""
    return Reply({"default_result_storage_block_id": await call.lookup(result_storage.read_result_storage)})


@admin.put("/admin/storage")
@endpoint(body=DefaultResultStorageUpdate, returns=DefaultResultStorage)
async def update_storage(call: Call[DefaultResultStorageUpdate]) -> Reply:
    """Set the block that results are stored in by default."""
    await call.write(result_storage.write_result_storage, call.body.default_result_storage_block_id)
    return Reply({"default_result_storage_block_id": call.body.default_result_storage_block_id})


@admin.delete("/admin/storage")
@endpoint(statuses=(204,))
async def delete_storage(call: Call[None]) -> Reply:
    """Let there be no default."""
    await call.write(result_storage.clear_result_storage)
    return NO_CONTENT
