"""The order of events: whoever follows comes after, and nobody waits for ever."""

from uuid import uuid4

from ostinato_core.automations.triggers.order import DEPTH, PATIENCE, Order
from ostinato_core.events.stored import StoredEvent
from tests.unit.core.automations.scene import at, happened

LATER = PATIENCE.total_seconds()


def names(order: Order, *events: StoredEvent) -> list[str]:
    return [event.event for event in order.arrange(events)]


def test_an_event_waits_for_the_one_that_it_follows() -> None:
    leader = happened("leader")
    follower = happened("follower", follows=leader.id)
    order = Order(at(0), (), {})
    assert names(order, follower) == []
    assert order.parked == {follower.id: follower}
    assert names(order, happened("other"), leader) == ["other", "leader", "follower"]
    assert order.parked == {}


def test_an_event_that_was_parked_before_is_let_go_by_its_leader() -> None:
    leader = happened("leader")
    follower = happened("follower", follows=leader.id)
    last = happened("last", follows=follower.id)
    parked = {event.id: event for event in (last, follower)}
    assert names(Order(at(0), (), parked), leader) == ["leader", "follower", "last"]


def test_who_follows_what_was_evaluated_does_not_wait() -> None:
    seen = uuid4()
    assert names(Order(at(0), (seen,), {}), happened("a", follows=seen)) == ["a"]
    itself = uuid4()
    assert names(Order(at(0), (), {}), happened("a", id=itself, follows=itself)) == ["a"]


def test_nobody_waits_for_longer_than_that() -> None:
    late = happened("late", received=0, follows=uuid4())
    assert names(Order(at(LATER - 1), (), {}), late) == []
    assert names(Order(at(LATER), (), {}), late) == ["late"]
    assert names(Order(at(LATER), (), {late.id: late}), happened("new", LATER)) == ["late", "new"]


def test_an_event_comes_once() -> None:
    event = happened("a")
    assert names(Order(at(0), (), {}), event, event) == ["a"]
    waiting = happened("b", follows=uuid4())
    assert names(Order(at(0), (), {}), waiting, waiting) == []


def test_a_long_line_of_followers_is_cut() -> None:
    line = [happened("0")]
    for number in range(1, DEPTH + 10):
        line.append(happened(str(number), follows=line[-1].id))
    order = Order(at(0), (), {})
    assert names(order, *reversed(line)) == [str(number) for number in range(DEPTH + 1)]
    assert len(order.parked) == 9
