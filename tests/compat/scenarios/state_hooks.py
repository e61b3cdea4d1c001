"""Hooks of flows and tasks are called on running, completion, failure and crash."""

from _tools import api, state_names
from prefect import flow, runtime, task
from prefect.states import Cancelled, Crashed

told = []
ids = {}


def hook(word):
    def note(*arguments):
        told.append((word, arguments[1].name, arguments[2].name))

    return note


@task(on_completion=[hook("task completed")], on_failure=[hook("task failed")], task_run_name="work-{good}")
def work(good):
    if not good:
        raise ValueError("bad work")


@flow(
    flow_run_name="hooked-{kind}",
    on_running=[hook("running")],
    on_completion=[hook("completed")],
    on_failure=[hook("failed")],
    on_cancellation=[hook("cancelled")],
    on_crashed=[hook("crashed")],
)
def hooked(kind):
    ids[kind] = runtime.flow_run.id
    if kind == "cancelled":
        return Cancelled(message="enough")
    if kind == "crashed":
        return Crashed(message="boom")
    work(kind == "good")
    return None


def words(kind):
    told.clear()
    state = hooked(kind, return_state=True)
    return state, [word for word, _, _ in told]


if __name__ == "__main__":
    state, seen = words("good")
    assert state.is_completed() and seen == ["running", "task completed", "completed"], seen
    assert told[-1][2] == "Completed", told
    state, seen = words("bad")
    assert state.is_failed() and seen == ["running", "task failed", "failed"], seen
    state, seen = words("cancelled")
    assert state.is_cancelled() and seen == ["running"], seen  # a run that others cancel: see cancellation.py
    state, seen = words("crashed")
    assert state.is_crashed() and seen == ["running", "crashed"], seen
    final = {kind: state_names("flow_run", run_id)[-1] for kind, run_id in ids.items()}
    assert final == {"good": "Completed", "bad": "Failed", "cancelled": "Cancelled", "crashed": "Crashed"}, final
    assert api("GET", f"/flow_runs/{ids['bad']}")["name"] == "hooked-bad"
