"""A flow pauses for typed input; another is suspended, leaves its process and is run again after the resume."""

import sys
import threading
from pathlib import Path

from _tools import api, background, python_of_the_client, state_names, unique, wait_for_state, wait_until
from prefect import flow, pause_flow_run, runtime, suspend_flow_run
from prefect.deployments import run_deployment
from prefect.input import RunInput

ids = {}


class Approval(RunInput):
    approved: bool
    note: str = "none"


@flow
def paused():
    ids["paused"] = runtime.flow_run.id
    answer = pause_flow_run(wait_for_input=Approval, timeout=40, poll_interval=0.5)
    return answer.approved, answer.note


@flow(persist_result=True)
def suspended():
    answer = suspend_flow_run(wait_for_input=Approval, timeout=60)
    if not answer.approved:
        raise ValueError("not approved")
    return answer.note


def schema_of(run):
    """Wait for the schema of a run's input: the client sends it after the state that names it."""
    path = f"/flow_runs/{run['id']}/input/{run['state']['state_details']['run_input_keyset']['schema']}"
    wait_until(lambda: "detail" not in api("GET", path, status=(200, 404)), "the schema of the input is there")
    return api("GET", path)


def resume_the_paused():
    wait_until(lambda: "paused" in ids, "the flow began")
    run = wait_for_state(ids["paused"], "Paused")
    schema = schema_of(run)
    assert "approved" in str(schema), schema
    refused = api("POST", f"/flow_runs/{run['id']}/resume", {"run_input": {"approved": "perhaps"}})
    results["refused"] = refused
    results["accepted"] = api("POST", f"/flow_runs/{run['id']}/resume", {"run_input": {"approved": True, "note": "go"}})


results = {}

if __name__ == "__main__":
    if len(sys.argv) > 1:
        suspended.serve(name=sys.argv[1])
        sys.exit()
    helper = threading.Thread(target=resume_the_paused, daemon=True)
    helper.start()
    assert paused() == (True, "go")
    helper.join(10)
    assert results["refused"]["status"] == "REJECT", results
    assert results["accepted"]["status"] == "ACCEPT", results
    names = state_names("flow_run", ids["paused"])
    assert names == ["Pending", "Running", "Paused", "Running", "Completed"], names

    name = unique("suspends")
    with background(python_of_the_client(), Path(__file__).name, name, name="serve"):
        path = f"/deployments/name/suspended/{name}"
        wait_until(lambda: "id" in api("GET", path, status=(200, 404)), "the flow is served")
        run = run_deployment(f"suspended/{name}", timeout=0)
        assert schema_of(wait_for_state(run.id, "Suspended"))
        resumed = api("POST", f"/flow_runs/{run.id}/resume", {"run_input": {"approved": True, "note": "later"}})
        assert resumed["status"] == "ACCEPT", resumed
        ended = wait_for_state(run.id, "Completed", "Failed", "Crashed")
        assert ended["state_name"] == "Completed", ended["state"]
        names = state_names("flow_run", run.id)
        assert "Suspended" in names and names.count("Running") == 2, names
