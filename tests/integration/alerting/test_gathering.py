"""Messages become one, wait and are told again, whoever of several processes asks."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from functools import partial
from uuid import UUID

import pytest

from ostinato_core.alerting.gathering import Alert, Decision, Folded, Gathered, Hold, SendNow, decide_when
from ostinato_core.clock import utc_now
from ostinato_core.ids import new_id
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database, Transaction
from ostinato_scheduler.loops.tell_resolved import TellResolved
from ostinato_wire.alerting import Alerting, Digest, DigestEvery, GroupBy, QuietHours
from tests.support.clock import DrivenClock
from tests.unit.core.alerting.test_text import failure

GROUPED = Alerting(group_by=GroupBy.DEPLOYMENT, group_within=timedelta(minutes=1))


def alert(automation: UUID, alerting: Alerting = GROUPED, deployment: str = "import", run: str = "a") -> Alert:
    return Alert(new_id(), automation, "watch", 0, alerting, failure(run, deployment), utc_now())


async def decide(database: Database, wanted: Alert) -> Decision:
    async def operation(tx: Transaction) -> Decision:
        return await decide_when(tx, wanted)

    return await database.write(operation)


async def test_without_a_wish_it_is_sent(database: Database) -> None:
    assert await decide(database, alert(new_id(), Alerting())) == SendNow()


async def test_two_hundred_failures_are_one_message(
    database: Database, other_database: Database, clock: DrivenClock
) -> None:
    automation = new_id()
    alerts = [alert(automation, run=f"run-{number}") for number in range(200)]
    both = [partial(decide, database), partial(decide, other_database)]
    decisions = await asyncio.gather(*(both[number % 2](each) for number, each in enumerate(alerts)))
    held = [each.delivery_id for each, decision in zip(alerts, decisions, strict=True) if isinstance(decision, Hold)]
    assert len(held) == 1
    assert decisions.count(Folded(held[0])) == 199
    carrier = next(each for each in alerts if each.delivery_id == held[0])

    assert await decide(other_database, carrier) == Hold(utc_now() + timedelta(minutes=1))
    clock.forward(61)
    first = await decide(database, carrier)
    assert isinstance(first, SendNow)
    assert isinstance(first.gathered, Gathered)
    assert (first.gathered.count, first.gathered.words) == (200, "deployment 'import'")
    assert [tuple(kind) for kind in first.gathered.kinds] == [("runs (Failed)", 200)]
    later = alert(automation)
    assert isinstance(await decide(database, later), Hold)
    assert await decide(other_database, carrier) == first


async def test_each_deployment_and_each_automation_has_a_group_of_its_own(
    database: Database, clock: DrivenClock
) -> None:
    automation = new_id()
    for each in (alert(automation), alert(automation, deployment="export"), alert(new_id())):
        assert isinstance(await decide(database, each), Hold)


async def test_what_comes_in_quiet_hours_is_one_message_at_their_end(database: Database, clock: DrivenClock) -> None:
    clock.now = datetime(2026, 6, 1, 23, tzinfo=UTC)
    quiet = Alerting(quiet_hours=QuietHours(start=time(22), end=time(7)))
    automation = new_id()
    first, second = alert(automation, quiet), alert(automation, quiet, "export")
    morning = datetime(2026, 6, 2, 7, tzinfo=UTC)
    assert await decide(database, first) == Hold(morning)
    assert await decide(database, second) == Folded(first.delivery_id)
    clock.now = morning
    told = await decide(database, first)
    assert isinstance(told, SendNow)
    assert told.gathered is not None
    assert told.gathered.count == 2
    assert await decide(database, alert(automation, quiet)) == SendNow()


async def test_a_digest_gathers_all(database: Database, clock: DrivenClock) -> None:
    clock.now = datetime(2026, 6, 1, 9, tzinfo=UTC)
    daily = Alerting(group_by=GroupBy.DEPLOYMENT, digest=Digest(every=DigestEvery.DAY))
    automation = new_id()
    first = alert(automation, daily)
    assert await decide(database, first) == Hold(datetime(2026, 6, 2, 8, tzinfo=UTC))
    assert await decide(database, alert(automation, daily, "export", "b")) == Folded(first.delivery_id)
    clock.forward(86_400)
    told = await decide(database, first)
    assert isinstance(told, SendNow)
    assert told.gathered is not None
    assert [tuple(line) for line in told.gathered.lines] == [
        ("'a' of deployment 'import': Failed", 1), ("'b' of deployment 'export': Failed", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("undone", [False, True])
async def test_a_transaction_that_fails_counts_nothing(database: Database, clock: DrivenClock, undone: bool) -> None:
    automation = new_id()
    carrier = alert(automation)
    await decide(database, carrier)

    async def fail(tx: Transaction) -> None:
        assert isinstance(await decide_when(tx, alert(automation)), Folded)
        if undone:
            raise KeyError

    try:
        await database.write(fail)
    except KeyError:
        assert undone
    clock.forward(61)
    told = await decide(database, carrier)
    assert isinstance(told, SendNow)
    assert told.gathered is not None
    assert told.gathered.count == (1 if undone else 2)


async def test_groups_are_forgotten_also_those_that_nobody_closed(
    database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    sent, never = alert(new_id()), alert(new_id())
    for each in (sent, never):
        await decide(database, each)
    clock.forward(61)
    await decide(database, sent)
    loop = TellResolved(database, settings)
    await loop.tick()
    assert isinstance(await decide(database, never), SendNow)
    forgotten = alert(new_id())
    await decide(database, forgotten)
    clock.forward(8 * 86_400)
    await loop.tick()
    for each in (sent, never, forgotten):
        assert isinstance(await decide(database, each), Hold)
