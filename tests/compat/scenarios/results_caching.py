"""Results are persisted and read back; caches by inputs, by key, with expiry and refresh."""

from datetime import timedelta
from pathlib import Path

from _tools import api, state_names, task_runs_of, unique
from prefect import flow, runtime, task
from prefect.cache_policies import INPUTS
from prefect.filesystems import LocalFileSystem

calls = []
ids = {}
storage = LocalFileSystem(basepath=str(Path("results").resolve()))
storage.save(unique("results"))


@task(cache_policy=INPUTS, persist_result=True)
def by_inputs(salt, number):
    calls.append(("inputs", number))
    return {"square": number * number}


@task(cache_key_fn=lambda _context, parameters: f"key-{parameters['key']}", cache_expiration=timedelta(hours=1))
def by_key(key):
    calls.append(("key", key))
    return f"value of {key}"


@task(cache_key_fn=lambda _context, parameters: f"key-{parameters['key']}", refresh_cache=True)
def refreshed(key):
    calls.append(("refreshed", key))
    return f"fresh {key}"


@flow(persist_result=True, result_storage=storage)
def cached(salt):
    ids.setdefault("runs", []).append(runtime.flow_run.id)
    first = by_inputs(salt, 3)
    second = by_inputs(salt, 3)
    other = by_inputs(salt, 4)
    assert first == second == {"square": 9} and other == {"square": 16}
    assert by_key(salt) == by_key(salt)
    return first


if __name__ == "__main__":
    salt = unique("salt")
    state = cached(salt, return_state=True)
    assert state.is_completed(), state
    assert state.result() == {"square": 9}
    assert any(Path("results").iterdir()), "no result was written"
    assert calls == [("inputs", 3), ("inputs", 4), ("key", salt)], calls

    runs = task_runs_of(ids["runs"][0], 5)
    from_cache = [run for run in runs if run["state_name"] == "Cached"]
    assert len(from_cache) == 2, [run["state_name"] for run in runs]
    assert all(state_names("task_run", run["id"])[-1] == "Cached" for run in from_cache)
    stored = api("GET", f"/flow_runs/{ids['runs'][0]}")
    assert stored["state"]["data"] is not None, "the state tells no place of its result"
    assert stored["state"]["data"]["storage_block_id"], stored["state"]["data"]

    calls.clear()
    assert cached(salt) == {"square": 9}
    assert calls == [], f"a second flow run computed again: {calls}"

    @flow(persist_result=True, result_storage=storage)
    def refreshing():
        return refreshed(salt)

    assert refreshing() == f"fresh {salt}"
    assert calls == [("refreshed", salt)], calls
