"""Events that the server recorded, read over its API."""

from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until


async def recorded_events(api: Api, resource_id: str, count: int) -> list[Json]:
    """Return the events of a resource, the oldest first, once there are `count`."""
    wanted = {"filter": {"resource": {"id": [resource_id]}, "order": "ASC"}, "limit": 50}

    async def enough() -> list[Json] | None:
        events: list[Json] = (await api.post("/events/filter", wanted)).json["events"]
        return events if len(events) >= count else None

    found = await wait_until(enough, seconds=20, every=0.05, what=f"{count} events of {resource_id}")
    assert found is not None
    return found
