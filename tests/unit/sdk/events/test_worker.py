"""Events arrive in order and at least once, whatever the server does meanwhile."""

import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest

from ostinato.events.delivery import Timing
from ostinato.events.worker import EventsWorker
from ostinato.settings import temporary_settings
from tests.support.stub_api import EventsIn, StubServer, serving

FAST = Timing(pong=0.3, pause=0.01, longest_pause=0.05, refused_pause=0.05)

RESOURCE = {"prefect.resource.id": "x"}

MakeWorker = Callable[..., EventsWorker]


@pytest.fixture
def make_worker(tmp_path: Path) -> Generator[MakeWorker]:
    """Make workers that are stopped after the test."""
    workers: list[EventsWorker] = []

    def make(api_url: str, **settings: Any) -> EventsWorker:
        with temporary_settings({"api.url": api_url, "home": tmp_path, **settings}) as current:
            workers.append(EventsWorker(current, api_url, FAST))
        return workers[-1]

    yield make
    for worker in workers:
        worker.stop()


def event(name: str) -> dict[str, Any]:
    """Return a small wire event."""
    return {
        "occurred": "2026-01-01T00:00:00Z",
        "event": name,
        "id": str(uuid4()),
        "resource": {"prefect.resource.id": "x"},
    }


def send(worker: EventsWorker, many: int, start: int = 0) -> list[str]:
    """Send numbered events and return their names."""
    names = [f"e{number}" for number in range(start, start + many)]
    for name in names:
        worker.send(event(name))
    return names


def test_events_arrive_in_order_and_a_drain_waits_until_they_are_safe(make_worker: MakeWorker) -> None:
    events = EventsIn()
    with serving(events) as server:
        worker = make_worker(server.api_url)
        names = send(worker, 2000)
        assert worker.drain(20) == 0
        assert [e["event"] for e in events.stored] == names
        assert events.connections == 1


def test_a_server_that_hangs_up_mid_stream_gets_everything_that_it_had_not_confirmed(make_worker: MakeWorker) -> None:
    events = EventsIn(hang_up_after=[1, 150, 699, 10])
    with serving(events) as server:
        worker = make_worker(server.api_url)
        names = send(worker, 3000)
        assert worker.drain(20) == 0
        assert events.names() == names
        assert events.connections == 5


def test_a_pong_that_does_not_come_means_a_new_connection_and_all_again(make_worker: MakeWorker) -> None:
    events = EventsIn(withhold_pongs=2)
    with serving(events) as server:
        worker = make_worker(server.api_url)
        names = send(worker, 1000)
        assert worker.drain(20) == 0
        assert events.names() == names
        assert events.connections == 3


def test_a_server_that_is_away_for_a_moment_misses_nothing(make_worker: MakeWorker) -> None:
    events = EventsIn()
    server = StubServer(events)
    worker = make_worker(server.api_url)
    try:
        names = send(worker, 100)
        assert worker.drain(0.2) == 100
        server.start()
        assert worker.drain(20) == 0
        server.stop()
        names += send(worker, 100, start=100)
        assert worker.drain(0.2) == 100
        server.start()
        names += send(worker, 10, start=200)
        assert worker.drain(20) == 0
        assert events.names() == names
    finally:
        server.stop()


def test_a_full_queue_makes_the_producer_wait_and_loses_nothing(make_worker: MakeWorker) -> None:
    events = EventsIn()
    server = StubServer(events)
    worker = make_worker(server.api_url, **{"events.worker_max_queue_size": 10})
    producer = Thread(target=send, args=(worker, 500))
    producer.start()
    try:
        producer.join(0.3)
        assert producer.is_alive()
        assert worker.undelivered == 10
        server.start()
        producer.join(20)
        assert not producer.is_alive()
        assert worker.drain(20) == 0
        assert events.names() == [f"e{number}" for number in range(500)]
    finally:
        server.stop()


def test_an_event_that_the_server_hangs_up_on_does_not_block_the_others(make_worker: MakeWorker) -> None:
    events = EventsIn(poison="poison")
    with serving(events) as server:
        worker = make_worker(server.api_url)
        names = send(worker, 50)
        worker.send(event("poison"))
        names += send(worker, 50, start=50)
        assert worker.drain(20) == 1
        assert events.names() == names


def test_at_exit_undelivered_events_are_told_with_the_servers_reason_and_no_secret(
    make_worker: MakeWorker, capsys: pytest.CaptureFixture[str]
) -> None:
    events = EventsIn(token="user:right-one")
    with serving(events) as server:
        worker = make_worker(server.api_url, **{"api.auth_string": "user:wrong-one"})
        send(worker, 3)
        assert worker.drain_at_exit(patience=0.3) == 3
    told = capsys.readouterr().err
    assert "3 events could not be delivered" in told
    assert "Invalid token" in told
    assert "wrong-one" not in told
    assert events.tokens[0] == "user:wrong-one"


def test_the_auth_string_opens_the_socket(make_worker: MakeWorker) -> None:
    events = EventsIn(token="user:right-one")
    with serving(events) as server:
        worker = make_worker(server.api_url, **{"api.auth_string": "user:right-one"})
        names = send(worker, 3)
        assert worker.drain(10) == 0
        assert events.names() == names


SCRIPT = """
import os
from ostinato.events import emit_event

for number in range(20):
    emit_event(f"parent-{number}", {"prefect.resource.id": "x"})
child = os.fork()
emit_event(f"child" if child == 0 else "parent-20", {"prefect.resource.id": "x"})
if child:
    os.waitpid(child, 0)
"""


def test_a_process_that_ends_drains_first_and_a_forked_child_sends_only_its_own() -> None:
    events = EventsIn()
    with serving(events) as server:
        done = subprocess.run(
            [sys.executable, "-W", "ignore::DeprecationWarning", "-c", SCRIPT],
            env={"OSTINATO_API_URL": server.api_url.replace("127.0.0.1", "localhost")},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stderr == "", done.stderr
        names = [e["event"] for e in events.stored]
        assert [name for name in names if name.startswith("parent")] == [f"parent-{number}" for number in range(21)]
        assert names.count("child") == 1
