"""Of several changes of a run in one batch, one row is made."""

import orjson

from ostinato_core.events.parsing import parse
from ostinato_core.events.task_run_changes import TaskRunChange
from ostinato_core.events.task_run_record import newest
from ostinato_core.ids import new_id
from tests.support.events import task_run_event


def test_the_newest_state_stands_with_the_members_of_the_older_ones() -> None:
    id = new_id()

    def change(state: str, second: int, **members: object) -> TaskRunChange:
        found = parse(orjson.dumps(task_run_event(None, id, state, second, members=members))).change
        assert found is not None
        return found

    changes = [
        change("COMPLETED", 2, run_count=1),
        change("PENDING", 0, name="first", run_count=0, cache_key="a"),
        change("RUNNING", 1, cache_key="b"),
        change("FAILED", 2, run_count=7, name="too late"),
    ]
    (found,) = newest(changes)
    assert (found.type, found.columns["run_count"]) == ("COMPLETED", 1)
    assert (found.columns["name"], found.columns["cache_key"]) == ("first", "b")


def test_each_run_has_its_own() -> None:
    changes = [parse(orjson.dumps(task_run_event(None, new_id(), "RUNNING"))).change for _ in range(3)]
    assert len(newest(change for change in changes if change is not None)) == 3
