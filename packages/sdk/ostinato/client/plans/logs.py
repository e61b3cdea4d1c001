"""Log lines and events."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from ostinato.client.operation import decode, encode
from ostinato.client.plans.filters import body_of
from ostinato.client.steps import Plan, Request
from ostinato_wire.events import EventFilter, EventPage
from ostinato_wire.logs import Log, LogCreate, LogFilter, LogSort

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ostinato_wire.base import Json


def create_logs(logs: Iterable[LogCreate | Mapping[str, Json]]) -> Plan[None]:
    """Ship log lines, in order."""
    yield Request("POST", "/logs/", encode(list(logs)))


def read_logs(
    log_filter: LogFilter | None = None,
    limit: int | None = None,
    offset: int | None = None,
    sort: LogSort = LogSort.TIMESTAMP_ASC,
) -> Plan[list[Log]]:
    """Return log lines that meet the filter."""
    body = body_of({}, logs=log_filter, limit=limit, offset=offset, sort=sort)
    response = yield Request("POST", "/logs/filter", encode(body))
    return decode(response, list[Log])


def create_events(events: Iterable[Mapping[str, Json]]) -> Plan[None]:
    """Tell events by HTTP, where no socket is worth its while. Events are wire objects."""
    yield Request("POST", "/events", encode(list(events)))


def read_events(event_filter: EventFilter | None = None, limit: int = 50) -> Plan[EventPage]:
    """Return the first page of events that meet the filter."""
    body = {"filter": event_filter or EventFilter(), "limit": limit}
    response = yield Request("POST", "/events/filter", encode(body))
    return decode(response, EventPage)


def read_events_page(next_page_url: str) -> Plan[EventPage]:
    """Return the page that `EventPage.next_page` leads to; only its token is used, never its host."""
    token = parse_qs(urlsplit(next_page_url).query).get("page-token")
    if not token:
        raise ValueError("next_page_url must be the `next_page` of a page of events: it has no page-token.")
    response = yield Request("GET", "/events/filter/next", query={"page-token": token[0]})
    return decode(response, EventPage)
