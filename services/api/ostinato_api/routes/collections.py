"""What is known of flows, blocks and workers that packages bring along."""

from typing import Any

from ostinato_api.endpoint import Call, Reply, Routes, endpoint
from ostinato_core.collections.views import read_view

routes = Routes("Collections")


@routes.get("/collections/views/{view}")
@endpoint(returns=dict[str, Any])
async def read_collection_view(call: Call[None]) -> Reply:
    """One view."""
    return Reply(read_view(call.path("view")))
