import sys
import threading
import time
from concurrent.futures import CancelledError

import pytest

from ostinato.engine import threads as module
from ostinato.engine.threads import Threads


@pytest.fixture(autouse=True)
def switches_often() -> object:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def test_each_call_that_blocks_has_a_thread_of_its_own() -> None:
    threads, all_there = Threads(sys.maxsize, "test"), threading.Barrier(60)
    futures = [threads.submit(lambda: all_there.wait(30)) for _ in range(60)]
    assert sorted(future.result(30) for future in futures) == list(range(60))
    threads.close(wait=True)


def test_calls_that_block_do_not_wait_for_one_another_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PATIENCE", 600)
    threads, all_there = Threads(sys.maxsize, "test"), threading.Barrier(60)
    assert sorted(future.result(30) for future in [threads.submit(lambda: all_there.wait(30)) for _ in range(60)])
    threads.close(wait=True)


def test_short_calls_share_few_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PATIENCE", 1)  # as if they were so much shorter
    threads = Threads(sys.maxsize, "test")
    names = {
        future.result(30) for future in [threads.submit(lambda: threading.current_thread().name) for _ in range(2000)]
    }
    threads.close(wait=True)
    assert len(names) < 10


def test_an_idle_thread_takes_a_call_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PATIENCE", 600)
    threads, go_on = Threads(sys.maxsize, "test"), threading.Event()
    blocked = threads.submit(lambda: go_on.wait(30))
    assert [threads.submit(lambda n=n: n).result(30) for n in range(100)] == list(range(100))
    go_on.set()
    assert blocked.result(30)
    threads.close(wait=True)


def test_calls_that_block_begin_once_those_before_them_end_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PATIENCE", 0.001)
    threads, all_there = Threads(sys.maxsize, "test"), threading.Barrier(30)
    futures = [threads.submit((lambda: None) if n % 2 else (lambda: all_there.wait(30))) for n in range(60)]
    assert sum(future.result(30) or 0 for future in futures) == sum(range(30))
    threads.close(wait=True)


def test_calls_submitted_by_calls_that_wait_for_them_are_made() -> None:
    threads = Threads(sys.maxsize, "test")

    def sum_up_to(number: int) -> int:
        return number + threads.submit(lambda: sum_up_to(number - 1)).result(30) if number else 0

    assert threads.submit(lambda: sum_up_to(40)).result(60) == 820
    threads.close(wait=True)


def test_no_more_than_so_many_calls_are_made_at_once() -> None:
    threads, lock, at_once, most = Threads(3, "test"), threading.Lock(), 0, 0

    def call() -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0)
        with lock:
            at_once -= 1

    for future in [threads.submit(call) for _ in range(500)]:
        future.result(30)
    threads.close(wait=True)
    assert 1 <= most <= 3


def test_calls_of_many_submitters_are_all_made_once() -> None:
    threads, made = Threads(sys.maxsize, "test"), list[int]()

    def submit(start: int) -> None:
        for future in [threads.submit(lambda n=n: made.append(n)) for n in range(start, start + 200)]:
            future.result(30)

    submitters = [threading.Thread(target=submit, args=(1000 * number,)) for number in range(8)]
    for submitter in submitters:
        submitter.start()
    for submitter in submitters:
        submitter.join()
    threads.close(wait=True)
    assert sorted(made) == [1000 * number + n for number in range(8) for n in range(200)]


def test_an_error_is_that_of_its_future_and_the_thread_goes_on() -> None:
    threads = Threads(1, "test")
    failed, sound = threads.submit(lambda: 1 // 0), threads.submit(lambda: threading.current_thread().name)
    with pytest.raises(ZeroDivisionError):
        failed.result(30)
    assert sound.result(30).startswith("test")
    threads.close(wait=True)


def test_closing_drops_what_has_not_begun_and_waits_for_the_rest() -> None:
    threads, begun, go_on = Threads(1, "test"), threading.Event(), threading.Event()

    def call() -> str:
        begun.set()
        go_on.wait(30)
        return "done"

    first, second = threads.submit(call), threads.submit(call)
    assert begun.wait(30)
    second_is_dropped = threading.Event()
    second.add_done_callback(lambda _: second_is_dropped.set())
    closing = threading.Thread(target=lambda: threads.close(wait=True))
    closing.start()
    assert second_is_dropped.wait(30)
    assert closing.is_alive()
    go_on.set()
    closing.join(30)
    assert first.result(0) == "done"
    with pytest.raises(CancelledError):
        second.result(0)
    with pytest.raises(RuntimeError, match="closed"):
        threads.submit(call)
