"""Counts and pages of events are those of plain rows, however names are looked for."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostinato_api.deps import Services
from ostinato_core.clock import utc_now
from ostinato_core.events import counts, names, queries
from ostinato_core.ids import new_id
from ostinato_core.transaction import Transaction
from ostinato_wire.events import Countable, EventFilter, EventNameFilter, TimeUnit
from tests.support.events import iso, parsed, plain_event

START = utc_now().replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
NAMES = ["a", "a.b", "a.b.c", "b", "B", "ä"]

moments = st.integers(0, 7200).map(lambda seconds: START + timedelta(seconds=seconds))
chosen = st.lists(st.sampled_from([*NAMES, "a.", "none"]), max_size=2) | st.none()
name_filter = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(["prefix", "exclude_prefix", "name", "exclude_name"], chosen)
)


def fits(wanted: EventNameFilter, name: str) -> bool:
    """The filter of names on one name."""
    included = not wanted.prefix or any(name.startswith(prefix) for prefix in wanted.prefix)
    excluded = any(name.startswith(prefix) for prefix in wanted.exclude_prefix or ())
    named = not wanted.name or name in wanted.name
    return included and named and not excluded and name not in (wanted.exclude_name or ())


@pytest.mark.parametrize("most_names", [names.MOST_NAMES, 0])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sent=st.lists(st.tuples(st.sampled_from(NAMES), moments), max_size=8),
    since=moments,
    until=moments,
    name=name_filter,
)
async def test_counts_and_pages_are_those_of_the_events(
    services: Services,
    most_names: int,
    sent: list[tuple[str, datetime]],
    since: datetime,
    until: datetime,
    name: dict[str, Any],  # Any: JSON
) -> None:
    thing = f"thing.{new_id()}"
    told = [plain_event(each, occurred=iso(when), resource={"prefect.resource.id": thing}) for each, when in sent]
    await services.ingestor.submit(parsed(*told))
    span = {"since": iso(since), "until": iso(until)}
    wanted = EventFilter.model_validate({"occurred": span, "event": name, "resource": {"id": [thing]}})
    expected = [
        (event["event"], when, UUID(str(event["id"])))
        for event, (_, when) in zip(told, sent, strict=True)
        if since <= when <= until and fits(EventNameFilter.model_validate(name), str(event["event"]))
    ]

    async def ask(tx: Transaction) -> None:
        page, total = await queries.read_first_page(tx, wanted, 50)
        assert total == len(expected)
        assert {event.id for event in page} == {id_ for *_, id_ in expected}
        by_name = await counts.count_by(tx, Countable.EVENT, wanted, TimeUnit.HOUR, 1)
        assert {each["value"]: each["count"] for each in by_name} == {
            each: sum(told == each for told, *_ in expected) for each, *_ in expected
        }
        buckets = await counts.count_by(tx, Countable.TIME, wanted, TimeUnit.MINUTE, 10) if since <= until else []
        assert [each["count"] for each in buckets] == [
            sum(each["start_time"] <= when <= each["end_time"] for _, when, _ in expected) for each in buckets
        ]
        assert sum(each["count"] for each in buckets) == len(expected)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(names, "MOST_NAMES", most_names)
        await services.database.read(ask)


async def test_names_are_counted_one_by_one_as_in_groups(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = f"{new_id()}."
    times = [START + timedelta(seconds=second) for second in range(6)]
    told = [plain_event(f"{prefix}{number % 3}", occurred=iso(when)) for number, when in enumerate(times)]
    await services.ingestor.submit(parsed(*told))
    span = {"since": iso(times[1]), "until": iso(times[5])}
    wanted = EventFilter.model_validate({"occurred": span, "event": {"prefix": [prefix]}})

    async def ask(tx: Transaction) -> list[dict[str, Any]]:  # Any: members of counts
        return await counts.count_by(tx, Countable.EVENT, wanted, TimeUnit.HOUR, 1)

    one_by_one = await services.database.read(ask)
    monkeypatch.setattr(counts, "MOST_ASKED", 0)
    assert await services.database.read(ask) == one_by_one
    assert [(each["value"], each["count"]) for each in one_by_one] == [
        (f"{prefix}{n}", c) for n, c in [(1, 2), (2, 2), (0, 1)]
    ]
    assert one_by_one[0]["start_time"] == times[1]
    assert one_by_one[0]["end_time"] == times[4]


@pytest.mark.parametrize("limit", [3, 5, 8])
async def test_events_about_a_resource_are_counted_beside_a_page_of_any_length(services: Services, limit: int) -> None:
    thing = f"thing.{new_id()}"
    told = [plain_event("told", occurred=iso(START), resource={"prefect.resource.id": thing}) for _ in range(5)]
    await services.ingestor.submit(parsed(*told))
    about = {"occurred": {"since": iso(START)}, "any_resource": {"id": [thing]}}
    wanted = EventFilter.model_validate(about)
    page, total = await services.database.read(lambda tx: queries.read_first_page(tx, wanted, limit))
    assert (len(page), total) == (min(limit, 5), 5)
