"""Events over REST (behaviour.md, section 18)."""

from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.problems import from_validation
from ostinato_core.events import counts, queries
from ostinato_core.events.paging import PageToken, decode_token
from ostinato_core.events.parsing import prepare_all
from ostinato_core.events.stored import StoredEvent
from ostinato_wire.base import WireModel
from ostinato_wire.events import (
    Countable,
    Event,
    EventCount,
    EventCountRequest,
    EventFilter,
    EventPage,
    EventPageQuery,
    EventPageRequest,
)

routes = Routes("Events")


class CountPath(WireModel):
    """Parts of the path of `/events/count-by/{countable}`."""

    countable: Countable


@routes.post("/events")
@endpoint(body=list[Event], statuses=(204,))
async def create_events(call: Call[list[Event]]) -> Reply:
    """Store events, and the task runs they tell of; duplicates by id are kept once."""
    await call.services.ingestor.submit(prepare_all(call.body))
    return NO_CONTENT


@routes.post("/events/filter")
@endpoint(body=EventPageRequest, returns=EventPage)
async def read_events(call: Call[EventPageRequest]) -> Reply:
    """Read the first page of the events that a filter matches."""
    wanted = call.body.filter or EventFilter()
    found, total = await call.read(queries.read_first_page, wanted, call.body.limit)
    return _page(call, wanted, found, total, call.body.limit)


@routes.get("/events/filter/next")
@endpoint(query=EventPageQuery, returns=EventPage)
async def read_next_events(call: Call[None]) -> Reply:
    """Read the page that a token names; the total is that of the first page."""
    token = decode_token(call.query.page_token)
    found = await call.read(queries.read_page, token.filter, token.limit, token.total, token.place)
    return _page(call, token.filter, found, token.total, token.limit)


@routes.post("/events/count-by/{countable}")
@endpoint(body=EventCountRequest, returns=list[EventCount])
async def count_events(call: Call[EventCountRequest]) -> Reply:
    """Count events by name, by resource or in buckets of time."""
    try:
        path = CountPath.model_validate({"countable": call.path("countable")})
    except ValidationError as error:
        raise from_validation(error, "path") from error
    body = call.body
    return Reply(await call.read(counts.count_by, path.countable, body.filter, body.time_unit, body.time_interval))


def _page(call: Call[Any], wanted: EventFilter, found: list[StoredEvent], total: int, limit: int) -> Reply:
    # Any: the endpoints have bodies of different types
    next_page = None
    if found and len(found) == limit:
        last = found[-1]
        token = PageToken(filter=wanted, total=total, limit=limit, occurred=last.occurred, id=last.id)
        path = f"{call.services.settings.api_base_path.rstrip('/')}/events/filter/next"
        next_page = f"{call.request.scheme}://{call.request.host}{path}?page-token={quote(token.encode())}"
    return Reply({"events": [event.content() for event in found], "total": total, "next_page": next_page})
