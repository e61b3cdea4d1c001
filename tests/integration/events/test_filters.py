"""The filter of events says the same as SQL and as a predicate, on both databases."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ostinato_api.deps import Services
from ostinato_core.clock import utc_now
from ostinato_core.db.tables import events
from ostinato_core.events.filters import predicate
from ostinato_core.events.queries import matches
from ostinato_core.events.stored import StoredEvent, from_row, select_events
from ostinato_core.ids import new_id
from ostinato_core.transaction import Transaction
from ostinato_wire.events import EventFilter
from tests.support.events import iso, parsed, plain_event

WORDS = ["a", "A", "ab", "a.b", "b[c]", "x%y", "x_y", "back\\slash", 'qu"ote', "a b", "a, b: c", ""]
LABELS = ["size", "Size", 'odd"label', "back\\slash", "a.b"]
PATTERNS = [*WORDS, "*", "a*", "?", "!a", "!a*", "*[c]", "x%*", "x_*", "*\\*", "!", "!!a"]
ROLES = ["flow", "tag"]

word = st.sampled_from(WORDS)
name = st.sampled_from([word for word in WORDS if word])
labels = st.dictionaries(st.sampled_from(LABELS), word, max_size=3)
payload = st.dictionaries(word, word | st.integers(0, 9) | st.none() | st.lists(word, max_size=2), max_size=2)


@st.composite
def related_resources(draw: st.DrawFn) -> dict[str, str]:
    return draw(labels) | {"prefect.resource.id": draw(name), "prefect.resource.role": draw(st.sampled_from(ROLES))}


@st.composite
def sent_events(draw: st.DrawFn) -> dict[str, Any]:
    return plain_event(
        draw(name),
        resource=draw(labels) | {"prefect.resource.id": draw(name)},
        related=draw(st.lists(related_resources(), max_size=3)),
        payload=draw(payload),
    )


names = st.lists(name, max_size=2) | st.none()
specification = st.none() | st.dictionaries(
    st.sampled_from([*LABELS, "prefect.resource.id", "prefect.resource.role"]),
    st.sampled_from(PATTERNS) | st.lists(st.sampled_from(PATTERNS), max_size=2),
    max_size=2,
)
resource_filter = st.fixed_dictionaries({}, optional={"id": names, "id_prefix": names, "labels": specification})
roles = st.lists(st.sampled_from(ROLES), max_size=2) | st.none()
pairs = st.none() | st.lists(st.tuples(name, st.sampled_from(ROLES)), max_size=2)
related_filter = st.fixed_dictionaries(
    {}, optional={"id": names, "role": roles, "resources_in_roles": pairs, "labels": specification}
)
event_filter = st.fixed_dictionaries(
    {},
    optional={
        "event": st.fixed_dictionaries(
            {}, optional=dict.fromkeys(["prefix", "exclude_prefix", "name", "exclude_name"], names)
        ),
        "resource": resource_filter,
        "related": related_filter | st.lists(related_filter, max_size=2),
        "any_resource": resource_filter | st.lists(resource_filter, max_size=2),
        "text": st.lists(
            st.sampled_from(["a", "-ab", '"a b"', '+"a, b"', "b:c", "x%y", "flow", "SIZE", "-!"]), max_size=3
        )
        .map(" ".join)
        .map(lambda query: {"query": query}),
    },
)


async def both_ways(services: Services, wanted: EventFilter, ids: list[UUID]) -> tuple[set[UUID], set[UUID]]:
    async def operation(tx: Transaction) -> tuple[set[UUID], set[UUID]]:
        among = events.c.id.in_(ids)
        found = await tx.rows(select(events.c.id).where(among, matches(tx, wanted)))
        stored = [from_row(row) for row in await tx.rows(select_events().where(among))]
        assert len(stored) == len(ids)
        test = predicate(wanted)
        return {row["id"] for row in found}, {event.id for event in stored if test(event)}

    return await services.database.lookup(operation)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(sent_events(), min_size=1, max_size=5), wanted=event_filter)
async def test_sql_and_predicate_agree(services: Services, sent: list[dict[str, Any]], wanted: dict[str, Any]) -> None:
    fresh = [each | {"id": str(new_id())} for each in sent]
    await services.ingestor.submit(parsed(*fresh))
    until = {"until": iso(utc_now() + timedelta(hours=1))}
    by_sql, by_predicate = await both_ways(
        services, EventFilter.model_validate(wanted | {"occurred": until}), [UUID(each["id"]) for each in fresh]
    )
    assert by_sql == by_predicate


async def test_times_are_inclusive_both_ways(services: Services) -> None:
    moment = utc_now() - timedelta(minutes=5)
    tick = timedelta(microseconds=1)
    sent = [plain_event(occurred=iso(moment + offset * tick)) for offset in (-1, 0, 1, 2)]
    await services.ingestor.submit(parsed(*sent))
    wanted = EventFilter.model_validate({"occurred": {"since": moment, "until": moment + tick}})
    by_sql, by_predicate = await both_ways(services, wanted, [UUID(each["id"]) for each in sent])
    assert by_sql == by_predicate == {UUID(sent[1]["id"]), UUID(sent[2]["id"])}


def test_what_a_filter_matches() -> None:
    stored = StoredEvent(
        cursor=(0, 1),
        id=new_id(),
        occurred=utc_now() - timedelta(seconds=1),
        received=utc_now(),
        event="flow.done",
        resource={"prefect.resource.id": "flow.1", "size": "Large"},
        related=[{"prefect.resource.id": "tag.x", "prefect.resource.role": "tag"},
                 {"prefect.resource.id": "pool.1", "prefect.resource.role": "pool"}],
        payload={"message": "Hello World"},
        follows=None,
    )  # fmt: skip

    def holds(**wanted: Any) -> bool:  # Any: JSON
        return predicate(EventFilter.model_validate(wanted))(stored)

    assert holds(resource={"labels": {"size": "L*"}})
    assert not holds(resource={"labels": {"size": "l*"}})
    assert holds(resource={"labels": {"size": ["small", "!medium"]}})
    assert not holds(resource={"labels": {"colour": "!red"}})
    assert not holds(resource={"labels": {"size": []}})
    assert holds(related={"id": ["tag.x"], "role": ["tag"]})
    assert not holds(related={"id": ["tag.x"], "role": ["pool"]})
    assert holds(related=[{"id": ["tag.x"]}, {"role": ["pool"]}])
    assert not holds(related={"labels": {"prefect.resource.role": "t*"}})
    assert holds(any_resource={"id_prefix": ["pool."]})
    assert holds(any_resource={"id": []}, resource={"id": []}, event={"name": []}, related=[])
    assert holds(text={"query": '"hello world" -goodbye'})
    assert not holds(text={"query": "-hello"})
    assert not holds(event={"prefix": ["flow."], "exclude_name": ["flow.done"]})
