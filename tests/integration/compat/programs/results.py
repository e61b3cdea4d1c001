"""Writes results for another client to read, or reads what another client wrote; the first argument says which."""

import json
import sys
from datetime import timedelta
from uuid import UUID

from prefect import flow, get_client, task
from prefect.cache_policies import INPUTS


@task(cache_policy=INPUTS)
def pickled(x):
    print("RAN pickled", x)
    return {"double": 2 * x}


@task(cache_policy=INPUTS, result_serializer="json", cache_expiration=timedelta(hours=1))
def as_json(x):
    print("RAN as_json", x)
    return [x, {"nested": None}]


@task(result_storage_key="sub/{parameters[x]}", result_serializer="compressed/json")
def compressed(x):
    print("RAN compressed", x)
    return str(x)


@flow(persist_result=True)
def store(x):
    return [pickled(x), as_json(-x), compressed(x)]


@flow
def fail():
    raise ValueError("no")


def read(run_id):
    with get_client(sync_client=True) as client:
        return client.read_flow_run(UUID(run_id)).state.result(raise_on_failure=False)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "read":
        print("READ", json.dumps([repr(read(run_id)) for run_id in arguments]))
    else:
        states = [store(int(arguments[0]), return_state=True), fail(return_state=True)]
        print("IDS", json.dumps([str(state.state_details.flow_run_id) for state in states]))
