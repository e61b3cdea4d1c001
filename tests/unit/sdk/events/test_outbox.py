"""The outbox loses nothing and keeps the order, whatever happens to connections."""

from threading import Event, Thread

import orjson
from hypothesis import given
from hypothesis import strategies as st

from ostinato.events.outbox import Outbox, to_json


def nothing() -> None:
    """Wake nobody."""


@given(st.lists(st.sampled_from(["put", "take", "lost", "pong"]), max_size=60))
def test_every_event_is_confirmed_once_and_in_order(moves: list[str]) -> None:
    outbox = Outbox(0, nothing)
    put, confirmed, sent = 0, 0, 0
    on_the_wire: list[int] = []
    for move in moves:
        if move == "put":
            outbox.put({"n": put})
            put += 1
        elif move == "take":
            taken = [int(orjson.loads(frame)["n"]) for frame in outbox.take(3)]
            assert taken == list(range(confirmed + len(on_the_wire), confirmed + len(on_the_wire) + len(taken)))
            on_the_wire += taken
            sent += len(taken)
        elif move == "lost":
            outbox.send_again()
            on_the_wire.clear()
        else:
            outbox.confirm(len(on_the_wire))
            confirmed += len(on_the_wire)
            on_the_wire.clear()
    assert outbox.count() == put - confirmed
    assert outbox.confirmed == confirmed
    assert sent >= confirmed


def test_put_waits_while_full_and_goes_on_when_events_are_confirmed() -> None:
    waits = Event()
    outbox = Outbox(2, waits.set)
    outbox.put({"n": 1})
    outbox.put({"n": 2})
    waits.clear()
    producer = Thread(target=outbox.put, args=({"n": 3},))
    producer.start()
    assert waits.wait(5), "a producer that waits wakes the sender"
    assert outbox.is_pressed
    assert len(outbox.take(5)) == 2
    assert producer.is_alive()
    outbox.confirm(2)
    producer.join(5)
    assert not producer.is_alive()
    assert outbox.take(5) == [b'{"n":3}']


def test_closing_lets_producers_go() -> None:
    waits = Event()
    outbox = Outbox(1, waits.set)
    outbox.put({})
    waits.clear()
    producer = Thread(target=outbox.put, args=({},))
    producer.start()
    assert waits.wait(5)
    outbox.close()
    producer.join(5)
    assert not producer.is_alive()


def test_an_event_without_json_form_is_counted_not_sent() -> None:
    circle: dict[str, object] = {}
    circle["self"] = circle
    outbox = Outbox(0, nothing)
    outbox.put(circle)
    outbox.put({"n": 1})
    assert outbox.take(2) == [b'{"n":1}']
    assert outbox.rejected == 1


def test_foreign_values_become_text_and_lone_surrogates_are_escaped() -> None:
    assert to_json({"path": complex(1, 2)}) == b'{"path":"(1+2j)"}'
    assert to_json({"text": "\ud800"}) == b'{"text": "\\ud800"}'
