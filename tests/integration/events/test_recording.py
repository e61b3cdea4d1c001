"""What the server keeps of the task runs that clients report, whatever the order in which it hears of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ostinato_api.deps import Services
from ostinato_core.coordination import EVENTS, wake_ups
from ostinato_core.db.tables import events, task_run_states, task_runs
from ostinato_core.events.new_event import NewEvent
from ostinato_core.events.outbox import record
from ostinato_core.events.task_run_record import FLOW_RUN_ENDED
from ostinato_core.ids import new_id
from ostinato_core.transaction import Row, Transaction
from ostinato_wire.states import StateDetails
from ostinato_wire.task_runs import TaskRunPolicy
from tests.integration.events.conftest import MakeFlowRun
from tests.support.events import START, parsed, plain_event, task_run_event


async def run_of(services: Services, id: UUID) -> Row | None:
    return await services.database.lookup(lambda tx: tx.first(select(task_runs).where(task_runs.c.id == id)))


async def states_of(services: Services, id: UUID) -> list[str]:
    query = select(task_run_states.c.type).where(task_run_states.c.task_run_id == id)
    rows = await services.database.lookup(lambda tx: tx.rows(query.order_by(task_run_states.c.timestamp)))
    return [row["type"] for row in rows]


async def stored(services: Services, sent: Sequence[dict[str, Any]]) -> int:
    ids = [UUID(event["id"]) for event in sent]
    return len(await services.database.lookup(lambda tx: tx.rows(select(events.c.id).where(events.c.id.in_(ids)))))


async def test_a_run_is_readable_once_its_event_is_submitted(services: Services, make_flow_run: MakeFlowRun) -> None:
    flow_run_id, id = await make_flow_run(), new_id()
    members = {"name": "extract-0", "tags": ["nightly"], "run_count": 1, "total_run_time": 1.5, "labels": {"a": 1}}
    members |= {"start_time": "2026-11-22T04:20:00Z", "empirical_policy": {"max_retries": 2}}
    await services.ingestor.submit(parsed(task_run_event(flow_run_id, id, "RUNNING", members=members, message="hi")))
    row = await run_of(services, id)
    assert row is not None
    assert (row["name"], row["tags"], row["run_count"], row["total_run_time"]) == ("extract-0", ["nightly"], 1, 1.5)
    assert (row["state_type"], row["state_name"], row["state_message"]) == ("RUNNING", "Running", "hi")
    assert (row["state_timestamp"], row["start_time"], row["end_time"]) == (START, START, None)
    assert TaskRunPolicy.model_validate(row["empirical_policy"]).retries == 2
    assert set(row["state_details"]) == set(StateDetails.model_fields)
    assert row["state_details"]["task_run_id"] == str(id)
    assert row["state_details"]["flow_run_id"] == str(flow_run_id)
    assert await states_of(services, id) == ["RUNNING"]


async def test_details_that_an_event_brings_are_kept_beside_the_ids(
    services: Services, make_flow_run: MakeFlowRun
) -> None:
    flow_run_id, id = await make_flow_run(), new_id()
    event = task_run_event(flow_run_id, id, "COMPLETED", details={"cache_key": "k", "retriable": False})
    await services.ingestor.submit(parsed(event))
    row = await run_of(services, id)
    assert row is not None
    details = StateDetails.model_validate(row["state_details"])
    assert (details.cache_key, details.retriable, details.task_run_id) == ("k", False, id)


@pytest.mark.parametrize(
    ("supposed", "late", "stands"),
    [
        (FLOW_RUN_ENDED, "COMPLETED", "COMPLETED"),
        (FLOW_RUN_ENDED, "FAILED", "FAILED"),
        (FLOW_RUN_ENDED, "RUNNING", "CRASHED"),
        ("The process was killed.", "COMPLETED", "CRASHED"),
    ],
)
async def test_an_end_that_the_server_supposed_gives_way_to_the_one_that_is_told_late(
    services: Services, make_flow_run: MakeFlowRun, supposed: str, late: str, stands: str
) -> None:
    flow_run_id, id = await make_flow_run(), new_id()
    for state, second, message in (
        ("PENDING", 0, ""),
        ("CRASHED", 100, supposed),
        (late, 2, "told"),
        ("RUNNING", 1, ""),
    ):
        event = task_run_event(flow_run_id, id, state, second, message=message)
        await services.ingestor.submit(parsed(event))
    row = await run_of(services, id)
    assert row is not None
    assert row["state_type"] == stands


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_any_batches_and_any_duplicates_give_the_same_run(
    services: Services, make_flow_run: MakeFlowRun, data: st.DataObject
) -> None:
    flow_run_id, id = await make_flow_run(), new_id()
    sent = [
        task_run_event(
            flow_run_id, id, state, second, members={"run_count": second, "start_time": "2026-11-22T04:20:01Z"}
        )
        for second, state in enumerate(("PENDING", "RUNNING", "COMPLETED"))
    ]
    repeated = data.draw(st.lists(st.sampled_from(range(3)), max_size=3))
    order = data.draw(st.permutations([0, 1, 2, *repeated]))
    while order:
        size = data.draw(st.integers(1, len(order)))
        await services.ingestor.submit(parsed(*(sent[index] for index in order[:size])))
        order = order[size:]
    row = await run_of(services, id)
    assert row is not None
    assert (row["state_type"], row["run_count"], row["state_id"]) == ("COMPLETED", 2, UUID(sent[2]["id"]))
    assert await states_of(services, id) == ["PENDING", "RUNNING", "COMPLETED"]
    assert await stored(services, sent) == 3


@pytest.mark.parametrize("together", [True, False])
async def test_members_that_an_event_leaves_out_keep_their_value(
    services: Services, make_flow_run: MakeFlowRun, together: bool
) -> None:
    flow_run_id, id = await make_flow_run(), new_id()
    first = task_run_event(flow_run_id, id, "PENDING", 0, members={"name": "n", "tags": ["t"], "cache_key": "c"})
    second = task_run_event(flow_run_id, id, "RUNNING", 1, members={"cache_key": None, "run_count": 1})
    for batch in [[first, second]] if together else [[first], [second]]:
        await services.ingestor.submit(parsed(*batch))
    row = await run_of(services, id)
    assert row is not None
    assert (row["name"], row["tags"], row["cache_key"], row["run_count"]) == ("n", ["t"], None, 1)


@pytest.mark.parametrize("together", [True, False])
async def test_of_two_states_of_the_same_time_the_first_stands(
    services: Services, make_flow_run: MakeFlowRun, together: bool
) -> None:
    flow_run_id, id = await make_flow_run(), new_id()
    sent = [task_run_event(flow_run_id, id, state, 0) for state in ("RUNNING", "FAILED")]
    for batch in [sent] if together else [[sent[0]], [sent[1]]]:
        await services.ingestor.submit(parsed(*batch))
    row = await run_of(services, id)
    assert row is not None
    assert row["state_type"] == "RUNNING"
    assert sorted(await states_of(services, id)) == ["FAILED", "RUNNING"]


@pytest.mark.parametrize("together", [True, False])
async def test_the_first_id_of_a_natural_key_wins_and_gets_the_states_of_the_others(
    services: Services, make_flow_run: MakeFlowRun, together: bool
) -> None:
    flow_run_id, id, other = await make_flow_run(), new_id(), new_id()
    sent = [task_run_event(flow_run_id, id, "RUNNING", 0), task_run_event(flow_run_id, other, "COMPLETED", 1)]
    for batch in [sent] if together else [[sent[0]], [sent[1]]]:
        await services.ingestor.submit(parsed(*batch))
    row = await run_of(services, id)
    assert row is not None
    assert (row["state_type"], row["state_details"]["task_run_id"]) == ("COMPLETED", str(id))
    assert await states_of(services, id) == ["RUNNING", "COMPLETED"]
    assert await run_of(services, other) is None


async def test_a_run_outside_a_flow_is_known_by_its_id(services: Services) -> None:
    id, other = new_id(), new_id()
    sent = [task_run_event(None, id, "RUNNING", 0), task_run_event(None, id, "COMPLETED", 1)]
    await services.ingestor.submit(parsed(*sent, task_run_event(None, other, "RUNNING", 0)))
    row, another = await run_of(services, id), await run_of(services, other)
    assert row is not None
    assert another is not None
    assert (row["flow_run_id"], row["state_type"], another["state_type"]) == (None, "COMPLETED", "RUNNING")


async def test_an_unknown_flow_run_costs_its_task_run_only(services: Services, make_flow_run: MakeFlowRun) -> None:
    lost, kept = new_id(), new_id()
    sent = [task_run_event(new_id(), lost, "RUNNING"), task_run_event(await make_flow_run(), kept, "RUNNING")]
    await services.ingestor.submit(parsed(*sent))
    assert await run_of(services, lost) is None
    assert await run_of(services, kept) is not None
    assert await stored(services, sent) == 2


async def test_an_event_that_the_database_refuses_does_not_spoil_its_batch(
    services: Services, make_flow_run: MakeFlowRun, caplog: pytest.LogCaptureFixture
) -> None:
    flow_run_id, taken = await make_flow_run(), new_id()
    await services.ingestor.submit(parsed(task_run_event(flow_run_id, taken, "PENDING", dynamic_key="mine")))
    # The same id for another natural key violates the primary key, which nothing foresees.
    bad = task_run_event(flow_run_id, taken, "RUNNING", 1, dynamic_key="another")
    ids = [new_id() for _ in range(20)]
    good = [task_run_event(flow_run_id, id, "RUNNING", dynamic_key=str(n)) for n, id in enumerate(ids)]
    await services.ingestor.submit(parsed(*good[:7], bad, *good[7:]))
    assert [(await states_of(services, id)) for id in ids] == [["RUNNING"]] * 20
    assert await stored(services, [bad, *good]) == 21
    assert await states_of(services, taken) == ["PENDING"]
    assert bad["id"] in caplog.text


async def test_a_duplicate_id_is_kept_once_and_the_first_wins(services: Services) -> None:
    first = plain_event(payload={"n": 1})
    again = {**first, "payload": {"n": 2}}
    await services.ingestor.submit(parsed(first, again))
    await services.ingestor.submit(parsed(again))

    async def payloads(tx: Transaction) -> list[Any]:  # Any: JSON
        rows = await tx.rows(select(events.c.payload).where(events.c.id == UUID(first["id"])))
        return [row["payload"] for row in rows]

    assert await services.database.lookup(payloads) == [{"n": 1}]


async def test_text_that_a_database_cannot_hold_is_stored_without_it(services: Services) -> None:
    event = plain_event("nul\x00name", payload={"a\x00": "b\x00c", "kept": "\\u0000"})
    await services.ingestor.submit(parsed(event))
    query = select(events.c.event, events.c.payload).where(events.c.id == UUID(event["id"]))
    row = await services.database.lookup(lambda tx: tx.first(query))
    assert row is not None
    assert (row["event"], row["payload"]) == ("nulname", {"a": "bc", "kept": "\\u0000"})


async def test_a_value_that_only_the_database_refuses_costs_its_event_only(services: Services) -> None:
    # More than an index of Postgres can hold, however it is compressed; SQLite takes it.
    text = "".join(str(new_id()) for _ in range(1000))
    bad, good = plain_event(resource={"prefect.resource.id": text}), [plain_event() for _ in range(5)]
    await services.ingestor.submit(parsed(*good[:2], bad, *good[2:]))
    assert await stored(services, good) == 5
    assert await stored(services, [bad]) == (1 if services.database.dialect.name == "sqlite" else 0)


async def test_what_a_write_tells_of_is_in_the_log_in_its_order_and_with_it_only(services: Services) -> None:
    ids = [new_id() for _ in range(3)]
    query = select(events.c.id).where(events.c.id.in_(ids)).order_by(events.c.position)

    async def logged(tx: Transaction) -> list[UUID]:
        return [row["id"] for row in await tx.rows(query)]

    def told(id: UUID) -> NewEvent:
        return {"id": id, "event": "thing.happened", "resource": {"prefect.resource.id": "a.thing"}}

    async def tell(tx: Transaction) -> None:
        await record(tx, told(ids[2]))
        await record(tx, told(ids[1]), told(ids[0]))

    async def fail(tx: Transaction) -> None:
        await tell(tx)
        raise RuntimeError("a fault")

    with pytest.raises(RuntimeError, match="a fault"):
        await services.database.write(fail)
    assert await services.database.lookup(logged) == []
    with wake_ups().listen(EVENTS) as wake_up:
        await services.database.write(tell)
        assert await wake_up.wait(10)
    assert await services.database.lookup(logged) == ids[::-1]
