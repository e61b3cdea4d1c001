"""Slots of limits, taken and given back by the SDK on a real server, sync and async."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from uuid_utils.compat import uuid4

from ostinato.client import get_client
from ostinato.concurrency import asyncio as later
from ostinato.concurrency import renewal
from ostinato.concurrency import sync as now
from ostinato.concurrency.slots import Ask, Held, acquire
from ostinato.concurrency.sync import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
    ConcurrencySlotLost,
    concurrency,
    rate_limit,
)
from ostinato.engine.steps import Plan
from ostinato.events.worker import drain_all
from ostinato_wire.concurrency import ConcurrencyLimitV2Create
from ostinato_wire.events import EventFilter, EventNameFilter, EventResourceFilter
from tests.integration.sdk.conftest import Project


@pytest.fixture
def limit(project: Project) -> str:
    """The name of a new limit of two slots."""
    return make_limit(2)


def make_limit(slots: int, decay: float = 0.0) -> str:
    name = f"limit-{uuid4()}"
    with get_client(sync_client=True) as client:
        body = ConcurrencyLimitV2Create(name=name, limit=slots, slot_decay_per_second=decay)
        client.create_global_concurrency_limit(body)
    return name


def in_use(name: str) -> int:
    with get_client(sync_client=True) as client:
        return client.read_global_concurrency_limit_by_name(name).active_slots


def test_slots_are_held_while_the_block_runs(limit: str) -> None:
    with concurrency(limit, occupy=2):
        assert in_use(limit) == 2
    assert in_use(limit) == 0


def test_slots_that_are_taken_and_given_back_are_told_by_events(limit: str) -> None:
    with concurrency(limit, occupy=2):
        pass
    assert drain_all(60) == 0
    with get_client(sync_client=True) as client:
        resource = f"prefect.concurrency-limit.{client.read_global_concurrency_limit_by_name(limit).id}"
        names = [f"prefect.concurrency-limit.{what}" for what in ("acquired", "released")]
        wanted = EventFilter(event=EventNameFilter(name=names), resource=EventResourceFilter(id=[resource]))
        answer = client.read_events(wanted)
    told = sorted(answer.events, key=lambda event: event.occurred)
    assert [event.event for event in told] == names
    assert {event.resource["slots-acquired"] for event in told} == {"2"}
    assert told[1].follows == told[0].id


def test_slots_are_given_back_when_the_block_fails(limit: str) -> None:
    def fail() -> None:
        with concurrency([limit, limit]):
            assert in_use(limit) == 1
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert in_use(limit) == 0


def test_whoever_comes_later_waits(limit: str) -> None:
    entered, order = threading.Event(), list[str]()

    def work() -> None:
        with concurrency(limit, occupy=2):
            order.append("second")

    with concurrency(limit):
        thread = threading.Thread(target=work)
        thread.start()
        entered.wait(0.2)
        order.append("first")
    thread.join(60)
    assert order == ["first", "second"]


def test_waiting_may_have_an_end(limit: str) -> None:
    with concurrency(limit, occupy=2):
        with (
            pytest.raises(AcquireConcurrencySlotTimeoutError, match=r"within 0\.1"),
            concurrency(limit, timeout_seconds=0.1),
        ):
            raise AssertionError("there is no slot")
        with pytest.raises(ConcurrencySlotAcquisitionError, match="1 tries"), concurrency(limit, max_retries=0):
            raise AssertionError("there is no slot")


def test_limits_that_do_not_exist_hold_nobody_up(limit: str, warnings: pytest.LogCaptureFixture) -> None:
    with concurrency([limit, "nowhere"]):
        assert in_use(limit) == 1
    assert "['nowhere'] do not exist" in warnings.text
    with pytest.raises(ConcurrencySlotAcquisitionError, match="nowhere"), concurrency([limit, "nowhere"], strict=True):
        raise AssertionError("one of the limits is missing")
    assert in_use(limit) == 0


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the SDK logs of limits, whether or not a flow has set its logging up."""
    renewal.logger.addHandler(caplog.handler)
    yield caplog
    renewal.logger.removeHandler(caplog.handler)


@pytest.fixture
def lose(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give the slots of the running block back behind its back; renewals follow fast."""
    leases: list[UUID] = []

    def spying(ask: Ask) -> Plan[Held]:
        held = yield from acquire(ask)
        assert held.lease_id is not None
        leases.append(held.lease_id)
        return held

    def lose() -> None:
        with get_client(sync_client=True) as client:
            client.release_concurrency_slots_with_lease(leases[-1])

    monkeypatch.setattr(renewal, "RENEWED_AT", 0.0001)
    monkeypatch.setattr(now, "acquire", spying)
    monkeypatch.setattr(later, "acquire", spying)
    return lose


@pytest.mark.parametrize(("strict", "raises"), [(True, None), (False, True)])
def test_a_lost_lease_ends_a_strict_block(
    limit: str, lose: Callable[[], None], strict: bool, raises: bool | None
) -> None:
    def work() -> None:
        with concurrency(limit, strict=strict, raise_on_lease_renewal_failure=raises):
            lose()
            for _ in range(600):
                threading.Event().wait(0.1)

    with pytest.raises(ConcurrencySlotLost, match=limit):
        work()


@pytest.mark.parametrize(("strict", "raises"), [(False, None), (True, False)])
def test_a_lost_lease_is_a_warning_where_nobody_is_strict(
    limit: str, lose: Callable[[], None], warnings: pytest.LogCaptureFixture, strict: bool, raises: bool | None
) -> None:
    with concurrency(limit, strict=strict, raise_on_lease_renewal_failure=raises):
        lose()
        for _ in range(600):
            if "no longer reserved" in warnings.text:
                break
            threading.Event().wait(0.1)
    assert "no longer reserved" in warnings.text


def test_a_rate_is_kept(project: Project) -> None:
    name = make_limit(1, decay=0.001)
    rate_limit(name)
    with pytest.raises(AcquireConcurrencySlotTimeoutError):
        rate_limit(name, timeout_seconds=0.1)
    rate_limit([])


async def test_async_code_holds_slots_too(limit: str) -> None:
    async with later.concurrency(limit, occupy=2):
        assert await asyncio.to_thread(in_use, limit) == 2
        with pytest.raises(AcquireConcurrencySlotTimeoutError):
            async with later.concurrency(limit, timeout_seconds=0.1):
                raise AssertionError("there is no slot")
    assert await asyncio.to_thread(in_use, limit) == 0
    name = await asyncio.to_thread(make_limit, 1, 0.001)
    await later.rate_limit(name)


async def test_a_lost_lease_cancels_async_code(limit: str, lose: Callable[[], None]) -> None:
    async def work() -> None:
        async with later.concurrency(limit, strict=True):
            await asyncio.to_thread(lose)
            await asyncio.sleep(60)

    with pytest.raises(ConcurrencySlotLost, match=limit):
        await work()


async def test_slots_that_come_too_late_are_given_back(limit: str) -> None:
    async def work() -> None:
        async with later.concurrency(limit):
            raise AssertionError("it was cancelled before")

    async with later.concurrency(limit, occupy=2):
        waiting = asyncio.create_task(work())
        await asyncio.sleep(0)  # it has begun to ask
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    deadline = asyncio.get_running_loop().time() + 60
    while vars(later)["_abandoned"]:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.05)
    assert await asyncio.to_thread(in_use, limit) == 0
