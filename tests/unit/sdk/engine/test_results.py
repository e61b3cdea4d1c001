"""Results of tasks and flows: stored and found again, undone with their transaction, by both drivers."""

from __future__ import annotations

import asyncio
import functools
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ostinato import flow, task
from ostinato.cache_policies import DEFAULT, INPUTS, NO_CACHE, RUN_ID, TASK_SOURCE
from ostinato.exceptions import ConfigurationError, FailedRun, MissingResult
from ostinato.locking.memory import MemoryLockManager
from ostinato.results import ResultRecord, get_result_store, should_persist_result
from ostinato.settings import temporary_settings
from ostinato.states import Completed, State
from ostinato.tasks import Task, task_input_hash
from ostinato.transactions import IsolationLevel
from tests.support.engine import FakeServer

Make = Callable[..., Any]


def fixed(key: str) -> Callable[..., str]:
    """Return a function that gives every run the same key."""

    def cache_key(*_: object) -> str:
        return key

    return cache_key


def same(x: Any) -> Any:
    """Return what was given."""
    return x


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Make:
    """Make a task of a sync function, run by one driver or the other; calls return states."""

    def made(function: Callable[..., Any], **options: Any) -> Callable[..., State]:
        if request.param == "sync":
            return functools.partial(task(function, **options), return_state=True)

        @functools.wraps(function)
        async def later(*args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(0)
            return function(*args, **kwargs)

        run = task(later, **options)
        return lambda *args, **kwargs: asyncio.run(run(*args, return_state=True, **kwargs))

    return made


@pytest.fixture
def calls() -> list[Any]:
    """What the functions of the test were called with."""
    return []


@pytest.fixture
def double(calls: list[Any]) -> Callable[[int], int]:
    """A function that notes its calls."""

    def double(x: int) -> int:
        calls.append(x)
        return 2 * x

    return double


def test_a_stored_result_takes_the_place_of_a_run(
    server: FakeServer, make: Make, double: Make, calls: list[int]
) -> None:
    run = make(double, cache_policy=INPUTS)
    first, second, other = run(1), run(1), run(2)
    assert [state.result() for state in (first, second, other)] == [2, 2, 4]
    assert [state.name for state in (first, second, other)] == ["Completed", "Cached", "Completed"]
    assert str(second) == "Cached(type=COMPLETED)"
    assert calls == [1, 2]
    assert list(server.task_states().values())[1] == ["Pending", "Running", "Cached"]
    told = [event["payload"]["validated_state"]["data"] for event in server.task_events]
    assert told[0] is told[1] is None
    assert told[2] == told[5]
    assert Path(told[2]["storage_key"]).is_file()


def test_nothing_is_stored_unless_it_is_asked_for(server: FakeServer, tmp_path: Path, make: Make) -> None:
    state = make(lambda: 1)()
    assert server.task_events[-1]["payload"]["validated_state"]["data"] is None
    assert state.result() == 1
    assert not (tmp_path / "storage").exists()
    assert server.requests == []


def test_within_a_flow_a_run_finds_what_the_flow_run_made(server: FakeServer, double: Make, calls: list[int]) -> None:
    run = task(double)

    @flow(persist_result=True)
    def twice() -> int:
        assert should_persist_result()
        assert get_result_store().result_storage is None
        return run(3) + run(3)

    assert twice() == twice() == 12
    assert calls == [3, 3], "once for each flow run"


def test_a_flow_that_is_retried_does_not_run_again_what_is_stored(
    server: FakeServer, double: Make, calls: list[int]
) -> None:
    run = task(double)
    stored, not_stored = flow(double, name="stored", persist_result=True), flow(double, name="not-stored")
    attempts: list[int] = []

    @flow(retries=1, persist_result=True)
    def flaky() -> int:
        total = run(1) + run.with_options(persist_result=False)(10) + stored(100)
        attempts.append(total)
        if len(attempts) == 1:
            raise ConnectionError("away")
        return total

    assert flaky() == 222
    assert calls == [1, 10, 100, 10]
    calls.clear()

    @flow(retries=1)
    def other() -> None:
        not_stored(1)
        stored(2)
        for run in server.flow_runs.values():
            if run.name.startswith("other") and run.run_count == 1:
                raise ConnectionError("away")

    other()
    assert calls == [1, 2], "a child of the same process is there without being stored, too"


def test_a_child_of_another_process_is_found_in_its_storage(server: FakeServer, double: Make, calls: list[int]) -> None:
    child = flow(double, persist_result=True)
    values: list[int] = []

    @flow(retries=2)
    def parent() -> None:
        from ostinato.context import FlowRunContext

        values.append(child(2))
        context = FlowRunContext.get()
        assert context is not None
        context.child_results.clear()  # as in a process that has just begun
        if len(values) < 3:
            if len(values) == 2:
                for file in Path(get_result_store().storage().resolve(".")).iterdir():  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType] - a folder
                    file.unlink()
            raise ConnectionError("away")

    parent()
    assert values == [4, 4, 4]
    assert calls == [2, 2], "a result that is gone is made anew"


@pytest.mark.parametrize(
    ("options", "persists"),
    [
        ({}, None),
        ({"cache_policy": INPUTS}, True),
        ({"cache_policy": NO_CACHE}, None),
        ({"cache_key_fn": fixed("k")}, True),
        ({"result_storage": "./somewhere"}, True),
        ({"result_serializer": "json"}, True),
        ({"result_storage_key": "k"}, True),
        ({"persist_result": False, "result_storage_key": "k"}, False),
    ],
)
def test_what_makes_a_task_store_its_results(options: dict[str, Any], persists: bool | None) -> None:
    assert Task(lambda: 1, **options).persist_result is persists


def test_policies_of_tasks(caplog: pytest.LogCaptureFixture) -> None:
    def one() -> int:
        return 1

    assert task(one).cache_policy == DEFAULT
    assert task(one, cache_policy=TASK_SOURCE).cache_policy == TASK_SOURCE
    assert task(one, result_storage_key="k", cache_policy=INPUTS).cache_policy is None
    assert task(one, persist_result=False, cache_policy=INPUTS).cache_policy == NO_CACHE
    assert "does not persist its results, so it does not cache" in caplog.text
    task(one, cache_key_fn=fixed("k"), cache_policy=INPUTS)
    assert "the function is used" in caplog.text
    with temporary_settings({"tasks.default_no_cache": True}):
        assert task(one).cache_policy == NO_CACHE
        assert task(one, cache_policy=INPUTS).cache_policy == INPUTS
    with temporary_settings({"tasks.disable_caching": True}):
        assert task(one, cache_policy=INPUTS).cache_policy == NO_CACHE
    with pytest.raises(TypeError, match="must be a CachePolicy"):
        task(one, cache_policy="INPUTS")  # pyright: ignore[reportArgumentType, reportCallIssue] - the mistake
    with pytest.raises(ValueError, match="no serializer 'nix'"):
        task(one, result_serializer="nix")
    with pytest.raises(TypeError, match="`result_storage` must be"):
        flow(one, result_storage=1)  # pyright: ignore[reportArgumentType, reportCallIssue] - the mistake


@pytest.mark.parametrize(
    ("settings", "persists"),
    [
        ({"results.persist_by_default": True}, True),
        ({"tasks.default_persist_result": True}, True),
        ({"results.persist_by_default": True, "tasks.default_persist_result": False}, False),
        ({}, False),
    ],
)
def test_settings_make_tasks_store(server: FakeServer, settings: dict[str, Any], persists: bool) -> None:
    with temporary_settings(settings):
        data = task(lambda: 1, name="one")(return_state=True).data
    assert isinstance(data, ResultRecord) is persists


def test_refreshing_and_expiry(server: FakeServer, make: Make, double: Make, calls: list[int]) -> None:
    def by_x(_: object, parameters: dict[str, Any]) -> str:
        return f"key-{parameters['x']}"

    run = make(double, cache_key_fn=by_x)
    fresh = make(double, cache_key_fn=fixed("key-1"), refresh_cache=True)
    lasting = make(double, cache_key_fn=fixed("lasting"), cache_expiration=timedelta(hours=1))
    brief = make(double, cache_key_fn=fixed("brief"), cache_expiration=timedelta(0))
    assert [each(1).name for each in (run, run, fresh, run, lasting, lasting, brief, brief)] == [
        "Completed", "Cached", "Completed", "Cached", "Completed", "Cached", "Completed", "Completed",
    ]  # fmt: skip
    with temporary_settings({"tasks.refresh_cache": True}):
        assert run(1).name == "Completed"


def test_a_storage_key_is_filled_from_the_run(server: FakeServer, tmp_path: Path, make: Make) -> None:
    template = "{flow_run.flow_name}/{task_run.task_name}-{parameters[x]}"
    run = make(same, name="keyed", result_storage_key=template, result_storage=str(tmp_path / "mine"))
    within = flow(lambda: run(7), name="outer")
    assert within().name == "Completed"
    assert (tmp_path / "mine" / "outer" / "keyed-7").is_file()
    assert within().name == "Cached"


def test_a_key_that_cannot_be_computed_is_told_and_the_task_runs(
    server: FakeServer, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    def guarded(guard: Any) -> int:
        return 7

    state = make(guarded, cache_policy=INPUTS)(threading.Lock())
    assert (state.name, state.result()) == ("Completed", 7)
    assert "The cache key cannot be computed" in caplog.text
    assert "argument 'guard' (a lock) has no hash" in caplog.text


def test_what_cannot_be_stored_fails_nothing(server: FakeServer, make: Make, caplog: pytest.LogCaptureFixture) -> None:
    state = make(lambda: threading.Lock(), name="locking", persist_result=True, result_serializer="json")()
    assert state.is_completed()
    assert server.task_events[-1]["payload"]["validated_state"]["data"] is None
    assert "is not stored" in caplog.text

    @flow(persist_result=True)
    def locking() -> object:
        return threading.Lock()

    assert locking(return_state=True).is_completed()
    assert server.last_state().data is None


class Full:
    """A storage that has no room."""

    def read_path(self, path: str) -> bytes:
        raise FileNotFoundError(path)

    def write_path(self, path: str, content: bytes) -> None:
        raise OSError("no space left")


def test_a_storage_that_is_full_or_wrong_fails_no_run(
    server: FakeServer, make: Make, calls: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    def undo(_: object) -> None:
        calls.append("undone")

    state = make(lambda: 7, persist_result=True, result_storage=Full(), on_rollback=[undo])()
    assert (state.result(), server.only_task_states()[-1], calls) == (7, "Completed", [])
    assert "no space left" in caplog.text
    assert make(lambda: 8, result_storage_key="../outside")().result() == 8
    assert "leads out" in caplog.text


def test_task_input_hash_is_a_cache_key_fn(server: FakeServer, make: Make, double: Make, calls: list[int]) -> None:
    run = make(double, cache_key_fn=task_input_hash)
    assert [run(1).name, run(1).name, run(2).name] == ["Completed", "Cached", "Completed"]


def test_a_stream_that_nobody_reads_to_its_end_commits(server: FakeServer, calls: list[Any]) -> None:
    @task
    def count() -> Iterator[int]:
        yield from range(3)

    @count.on_commit
    def note(_: object) -> None:
        calls.append("committed")

    for item in count():
        assert item == 0
        break
    assert calls == ["committed"]
    assert server.only_task_states()[-1] == "Completed"


def test_a_result_may_leave_the_memory(server: FakeServer, make: Make) -> None:
    state = make(lambda: [1], persist_result=True, cache_result_in_memory=False)()
    assert not isinstance(state.data, ResultRecord)
    assert state.result() == [1]
    assert asyncio.run(state.aresult()) == [1]
    Path(state.data.storage_key).unlink()
    with pytest.raises(MissingResult, match="not in its storage any more"):
        state.result(retry_result_failure=False)


def test_exceptions_are_stored_with_the_run(server: FakeServer, make: Make) -> None:
    def fail() -> None:
        raise ValueError("bad")

    make(fail, persist_result=True, retries=1)()
    make(fail)()
    first, second = [events[-1] for events in _by_run(server)]
    data = first["payload"]["validated_state"]["data"]
    read = State.model_validate({"type": "FAILED", "message": "m", "data": data})
    with pytest.raises(ValueError, match="bad"):
        read.result()
    assert second["payload"]["validated_state"]["data"] is None
    Path(data["storage_key"]).unlink()
    with pytest.raises(FailedRun, match="m"):
        read.result(retry_result_failure=False)


def _by_run(server: FakeServer) -> list[list[Any]]:
    runs: dict[str, list[Any]] = {}
    for event in server.task_events:
        runs.setdefault(event["resource"]["prefect.resource.id"], []).append(event)
    return list(runs.values())


def test_a_failed_flow_tells_its_exception_whoever_waits(server: FakeServer) -> None:
    @flow
    def fail() -> None:
        raise ValueError("bad")

    assert fail(return_state=True).is_failed()
    read = State.model_validate(server.last_state().model_dump())
    assert isinstance(read.result(raise_on_failure=False), ValueError)


def test_the_servers_default_storage_switches_persistence_on(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from uuid import UUID

    from ostinato.results import store
    from ostinato.results.storage import LocalStorage

    server.default_storage = UUID(int=1)

    def resolve(given: object) -> LocalStorage:
        return LocalStorage(tmp_path / str(given))

    monkeypatch.setattr(store, "resolve_storage", resolve)
    one = task(lambda: 1, name="one")

    @flow
    def outer() -> int:
        return one()

    assert outer() == 1
    assert len(list((tmp_path / str(UUID(int=1))).iterdir())) == 2
    assert flow(lambda: 1, name="no", persist_result=False)(return_state=True).result() == 1
    assert len(list((tmp_path / str(UUID(int=1))).iterdir())) == 2


def test_generators_store_all_items_or_nothing(server: FakeServer, calls: list[int]) -> None:
    @task(cache_policy=INPUTS)
    def count(n: int) -> Iterator[int]:
        calls.append(n)
        yield from range(n)

    assert list(count(2)) == list(count(2)) == [0, 1]
    assert [count(2, return_state=True).result() for _ in range(2)] == [[0, 1], [0, 1]]
    assert calls == [2, 2, 2]


def test_a_state_made_by_hand_is_stored(server: FakeServer, make: Make) -> None:
    run = make(lambda: Completed(message="m", name="Skipped", data=7), cache_key_fn=fixed("k"))
    assert [(state.name, state.result()) for state in (run(), run())] == [("Skipped", 7), ("Cached", 7)]


def test_runs_with_one_key_wait_for_each_other(server: FakeServer, double: Make, calls: list[int]) -> None:
    policy = INPUTS.configure(isolation_level=IsolationLevel.SERIALIZABLE, lock_manager=MemoryLockManager())
    run = task(double, cache_policy=policy)

    @flow
    def many() -> list[int]:
        return run.map([5] * 8).result()

    assert many() == [10] * 8
    assert calls == [5]
    assert sorted(states[-1] for states in server.task_states().values()) == ["Cached"] * 7 + ["Completed"]


def test_async_runs_with_one_key_wait_for_each_other(server: FakeServer, calls: list[int]) -> None:
    @task(cache_policy=INPUTS.configure(isolation_level="SERIALIZABLE", lock_manager=MemoryLockManager()))
    async def run(x: int) -> int:
        calls.append(x)
        await asyncio.sleep(0)
        return x

    async def many() -> list[int]:
        return await asyncio.gather(*(run(6) for _ in range(20)))

    assert asyncio.run(many()) == [6] * 20
    assert calls == [6]


def test_serializable_without_locks_fails_the_run_with_advice(server: FakeServer, make: Make) -> None:
    state = make(lambda: 1, cache_policy=RUN_ID.configure(isolation_level="SERIALIZABLE"))()
    with pytest.raises(ConfigurationError, match="needs a lock manager"):
        state.result()


def test_metadata_apart(server: FakeServer, tmp_path: Path, make: Make, double: Make, calls: list[int]) -> None:
    run = make(double, cache_policy=INPUTS.configure(key_storage=tmp_path / "keys"))
    assert [run(1).name, run(1).name] == ["Completed", "Cached"]
    (file,) = (tmp_path / "keys").iterdir()
    metadata = json.loads(file.read_text())
    state = State.model_validate({"type": "COMPLETED", "data": metadata})
    assert state.result() == 2
