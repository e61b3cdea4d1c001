"""Runs that end from outside: interrupts, signals, cancellation, a server that is away."""

from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import threading
from typing import NoReturn

import httpx
import pytest

from ostinato import flow, task
from ostinato.engine import termination
from ostinato.exceptions import TerminationSignal
from ostinato.settings import temporary_settings
from tests.support.engine import FakeServer

TERMINATED = "Execution was aborted by a termination signal."


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KeyboardInterrupt(), "Execution was aborted by an interrupt signal."),
        (SystemExit(2), "Execution was aborted by Python system exit call."),
        (asyncio.CancelledError(), "Execution was cancelled by the runtime environment."),
        (BaseException("odd"), "Execution was interrupted by an unexpected exception: BaseException: odd"),
    ],
)
def test_signals_crash_task_and_flow(server: FakeServer, error: BaseException, message: str) -> None:
    @task
    def inner() -> None:
        raise error

    @flow
    def outer() -> None:
        inner()

    with pytest.raises(type(error)):
        outer()
    assert server.only_task_states() == ["Pending", "Running", "Crashed"]
    assert server.events[-1]["resource"]["prefect.state-message"] == message
    assert server.last_state().message == message
    assert server.forced == ["Crashed"]


def test_cancelled_asyncio_task_crashes_its_flow(server: FakeServer) -> None:
    began = asyncio.Event()

    @flow
    async def waits() -> None:
        began.set()
        await asyncio.Event().wait()

    async def cancel() -> None:
        running = asyncio.create_task(waits())
        await began.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(cancel())
    assert server.last_state().message == "Execution was cancelled by the runtime environment."


def _expect_signal(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    sent: list[int] = []

    def kill(_process: int, number: int) -> None:
        sent.append(number)

    monkeypatch.setattr(termination, "_deliver_what_waits", lambda: None)
    monkeypatch.setattr(os, "kill", kill)
    return sent


def test_sigterm_crashes_a_flow_and_is_sent_again(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = _expect_signal(monkeypatch)
    before = signal.getsignal(signal.SIGTERM)

    @flow
    def works() -> None:
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError("the signal ends the function")

    with pytest.raises(TerminationSignal):
        works()
    assert server.last_state().message == TERMINATED
    assert sent == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) == before


def test_sigterm_crashes_an_async_flow(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = _expect_signal(monkeypatch)

    @flow
    async def works() -> None:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.Event().wait()

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(works())
    assert server.last_state().message == TERMINATED
    assert sent == [signal.SIGTERM]


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forking beside threads is what is tested
def test_forked_child_of_a_flow_ends_by_the_signal(server: FakeServer) -> None:
    @flow
    def forks() -> int:
        child = os.fork()
        if child == 0:
            signal.raise_signal(signal.SIGTERM)
            os._exit(99)
        return os.waitpid(child, 0)[1]

    assert forks() == signal.SIGTERM
    assert server.state_names()[-1] == "Completed"


def test_no_handler_outside_of_the_main_thread(server: FakeServer) -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen: list[object] = []

    @flow
    def works() -> None:
        seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=contextvars.copy_context().run, args=(works,))
    thread.start()
    thread.join()
    assert seen == [before]


def test_connection_error_of_the_function_is_a_failure(server: FakeServer) -> None:
    @flow
    def calls() -> None:
        raise httpx.ConnectError("refused")

    assert calls(return_state=True).is_failed()


def test_server_away_at_the_end_reaches_the_caller_where_there_is_no_journal(server: FakeServer) -> None:
    request = httpx.Request("POST", "http://user:secret@host/api/x?token=1")

    @flow
    def works() -> None:
        def refuse(*_: object) -> None:
            raise httpx.ReadTimeout("slow", request=request)

        server.rules.append(refuse)

    without = temporary_settings({"journal.enabled": False, "journal.patience": 0})
    with without, pytest.raises(httpx.ReadTimeout):
        works()
    assert server.last_state().name == "Crashed"
    assert server.last_state().message == "Request to http://host/api/x failed: ReadTimeout('slow')."


def test_unreachable_server_at_the_start_is_raised(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away(FakeServer):
        def create_flow_run(self, *_: object, **__: object) -> NoReturn:
            raise httpx.ConnectError("refused")

    monkeypatch.setattr(server, "__class__", Away)

    @flow
    def works() -> None: ...

    with pytest.raises(httpx.ConnectError):
        works()
    assert server.flow_runs == {}
