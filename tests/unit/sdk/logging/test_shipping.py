"""Log lines wait while the server is away, and each arrives once, also where an answer was lost."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from aiohttp import web

from ostinato.journal.book import close_all
from ostinato.journal.leftovers import journal_files, look_into
from ostinato.journal.ring import Stream
from ostinato.logging import shipping
from ostinato.logging.shipping import LogShipper
from ostinato.settings import Settings, temporary_settings
from tests.support.stub_api import StubServer

RUN = UUID(int=7)
START = datetime(2026, 1, 1, tzinfo=UTC)


class LogStore:
    """A server that takes lines and gives them back, with faults to order: what it does to the next batches."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []  # Any: JSON
        self.faults: list[str] = []
        self.questions = 0
        self.is_mute = False

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        if request.path == "/api/logs/filter":
            self.questions += 1
            if self.is_mute:
                return web.Response(status=500)
            return web.json_response(self._page(await request.json()))
        if request.path != "/api/logs/":
            return web.Response(status=404)
        fault = self.faults.pop(0) if self.faults else None
        if fault == "refuse":
            return web.Response(status=503, headers={"Retry-After": "0"})
        if fault != "lose":
            self.lines += await request.json()
        if fault is not None:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=201)

    def _page(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        wanted, offset = query["logs"], query.get("offset") or 0
        after, before = (datetime.fromisoformat(wanted["timestamp"][name]) for name in ("after_", "before_"))
        found = [line for line in self.lines if after <= datetime.fromisoformat(line["timestamp"]) <= before]
        return [{**line, "id": str(UUID(int=1))} for line in found[offset : offset + 7]]

    @property
    def messages(self) -> list[str]:
        """What the lines say, in order of arrival."""
        return [line["message"] for line in self.lines]


@pytest.fixture
def store() -> LogStore:
    """What the server stores."""
    return LogStore()


@pytest.fixture
def server(store: LogStore) -> Generator[StubServer]:
    """The server; it runs."""
    server = StubServer(store)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def shipper(server: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[LogShipper]:
    """A shipper that does not wait long."""
    monkeypatch.setattr(shipping, "PAUSE", 0.01)
    with temporary_settings(
        {"api.url": server.api_url, "home": tmp_path, "logging.to_api.batch_interval": 0.01}
    ) as own:
        yield LogShipper.of_server(own, server.api_url)
        shipping.stop_all(0.1)
        close_all()


def put(shipper: LogShipper, many: int, start: int = 0) -> list[str]:
    """Queue numbered lines and return what they say; every second one has the time of the one before it."""
    messages = [f"line {number}\0" if number == 3 else f"line {number}" for number in range(start, start + many)]
    for number, message in enumerate(messages, start):
        timestamp = (START + timedelta(microseconds=number // 2)).isoformat()
        line = {"name": "x", "level": 20, "message": message, "timestamp": timestamp}
        shipper.put({**line, "flow_run_id": str(RUN), "task_run_id": None})
    return messages


@pytest.mark.parametrize("fault", ["lose", "store", "refuse"])
def test_a_batch_whose_answer_is_lost_arrives_once(store: LogStore, shipper: LogShipper, fault: str) -> None:
    store.faults = [fault, fault, "lose", fault]
    messages = put(shipper, 40)
    assert shipper.drain(30) == 0
    assert store.messages == messages
    assert store.questions


def test_lines_that_find_no_room_are_counted_for_their_run(
    server: StubServer, shipper: LogShipper, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.stop()
    monkeypatch.setattr(shipper, "_memory_bytes", 0)
    put(shipper, 3)
    assert shipper.pop_lost(str(RUN)) == 3
    assert shipper.pop_lost(str(RUN)) == 0


def test_nothing_is_asked_while_all_is_well(store: LogStore, shipper: LogShipper) -> None:
    messages = put(shipper, 40)
    assert shipper.drain(30) == 0
    assert store.messages == messages
    assert not store.questions


def test_lines_wait_for_a_server_that_is_away(store: LogStore, server: StubServer, shipper: LogShipper) -> None:
    first = put(shipper, 3)
    assert shipper.drain(30) == 0
    server.stop()
    rest = put(shipper, 30, 3)
    assert shipper.drain(0.2) == 30
    server.start()
    assert shipper.drain(30) == 0
    assert store.messages == first + rest


def test_a_server_that_does_not_tell_what_it_has_gets_all(store: LogStore, shipper: LogShipper) -> None:
    store.faults, store.is_mute = ["lose"], True
    messages = put(shipper, 4)
    assert shipper.drain(30) == 0
    assert store.messages == messages


def test_lines_that_are_alike_are_all_sent_again_but_no_more(store: LogStore, shipper: LogShipper) -> None:
    line = orjson.dumps(
        {"name": "x", "level": 20, "message": "a", "timestamp": START.isoformat(), "flow_run_id": str(RUN)}
    )
    store.lines = [orjson.loads(line) | {"task_run_id": None}]
    for _ in range(3):
        assert shipper.put_json(line, is_repeated=True)
    assert shipper.drain(30) == 0
    assert store.messages == ["a"] * 3


def test_what_does_not_get_through_is_left_in_the_journal(
    server: StubServer, shipper: LogShipper, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.stop()
    put(shipper, 5)
    shipping.stop_all(0.1)
    close_all()
    assert "the journal keeps them" in capsys.readouterr().err
    (path,) = journal_files(Settings(home=tmp_path))
    left = look_into(path)
    assert left is not None
    assert [orjson.loads(line)["message"] for line in left.of(Stream.LOGS)] == [
        "line 0", "line 1", "line 2", "line 3\0", "line 4"
    ]  # fmt: skip
