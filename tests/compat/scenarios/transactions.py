"""A transaction that fails rolls its tasks back and persists nothing; one that succeeds commits in order."""

from _tools import api, state_names, task_runs_of
from prefect import flow, runtime, task
from prefect.transactions import transaction

told = []
ids = {}


@task
def write(name):
    told.append(f"write {name}")
    return name


@write.on_rollback
def unwrite(txn):
    told.append(f"rollback {txn.get('name')}")


@write.on_commit
def confirm(txn):
    told.append("commit")


@task
def check(name):
    if name == "bad":
        raise ValueError("quality check failed")


@flow
def pipeline(name):
    ids[name] = runtime.flow_run.id
    with transaction() as txn:
        txn.set("name", name)
        write(name)
        check(name)


if __name__ == "__main__":
    assert pipeline("good", return_state=True).is_completed()
    assert told == ["write good", "commit"], told
    told.clear()
    assert pipeline("bad", return_state=True).is_failed()
    assert told == ["write bad", "rollback bad"], told
    runs = task_runs_of(ids["bad"], 2)
    assert sorted(run["state_type"] for run in runs) == ["COMPLETED", "FAILED"], runs
    assert state_names("flow_run", ids["bad"])[-1] == "Failed"
    assert api("GET", f"/flow_runs/{ids['good']}")["state_name"] == "Completed"
