"""Ready JSON of runs is bounded, and told apart by version."""

from datetime import UTC, datetime

import orjson

from ostinato_core.work_pools.ready_runs import Ready, ReadyRuns

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def ready(version: int, size: int = 10) -> Ready:
    times = {"expected_start_time": NOW, "start_time": None, "state_type": "SCHEDULED"}
    return Ready((version, "state"), b'{"late":', b"}".rjust(size - 8), times)


def found(run_id: str, version: int) -> dict[str, object]:
    return {"id": run_id, "updated": version, "state_id": "state"}


def test_another_version_is_not_found() -> None:
    runs = ReadyRuns()
    runs.keep("a", ready(1))

    assert runs.find(found("a", 1)) is not None
    assert runs.find(found("a", 2)) is None
    assert runs.find(found("b", 1)) is None
    assert runs.find({"id": "a", "updated": 1, "state_id": "other"}) is None


def test_the_oldest_go_first_and_one_that_is_too_large_stays_out() -> None:
    runs = ReadyRuns(most_bytes=100)
    for number in range(12):
        runs.keep(f"{number}", ready(1))
    runs.keep("5", ready(2))

    assert [n for n in range(12) if runs.find(found(f"{n}", 1))] == [2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert runs.find(found("5", 2)) is not None
    runs.keep("large", ready(1, size=101))
    assert runs.find(found("large", 1)) is None
    assert runs.find(found("5", 2)) is not None


def test_lateness_is_that_of_the_moment() -> None:
    assert orjson.loads(ready(1).json(NOW.replace(second=5))) == {"late": 5.0}
