"""A deployment's concurrency limit: with ENQUEUE runs wait for each other, with CANCEL_NEW later ones are cancelled."""

import itertools
import sys
import time
from pathlib import Path

from _tools import api, background, python_of_the_client, unique, wait_for_state, wait_until
from prefect import flow, serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments import run_deployment


@flow
def one_by_one(seconds: float = 3):
    time.sleep(seconds)


def limited(name, strategy):
    options = ConcurrencyLimitConfig(limit=1, collision_strategy=strategy)
    return one_by_one.to_deployment(name=name, concurrency_limit=options)


def find(name):
    found = api("GET", f"/deployments/name/one-by-one/{name}", status=(200, 404))
    return found if "id" in found else None


def overlap(runs):
    spans = sorted((run["start_time"], run["end_time"]) for run in runs)
    return any(ended > began for (_, ended), (began, _) in itertools.pairwise(spans))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(
            limited(sys.argv[1], ConcurrencyLimitStrategy.ENQUEUE),
            limited(sys.argv[2], ConcurrencyLimitStrategy.CANCEL_NEW),
        )
        sys.exit()
    queued, strict = unique("queued"), unique("strict")
    with background(python_of_the_client(), Path(__file__).name, queued, strict, name="serve"):
        for name in (queued, strict):
            deployment = wait_until(lambda name=name: find(name), "the flow is served")
            assert deployment["global_concurrency_limit"]["limit"] == 1, deployment
        in_turn = [run_deployment(f"one-by-one/{queued}", timeout=0, parameters={"seconds": 1}) for _ in range(2)]
        only_one = [run_deployment(f"one-by-one/{strict}", timeout=0, parameters={"seconds": 8}) for _ in range(2)]
        ended = [wait_for_state(run.id, "Completed", "Cancelled", seconds=30) for run in only_one]
        assert sorted(run["state_name"] for run in ended) == ["Cancelled", "Completed"], ended
        done = [wait_for_state(run.id, "Completed", seconds=45) for run in in_turn]
        assert not overlap(done), [(run["start_time"], run["end_time"]) for run in done]
        wait_until(
            lambda: api("GET", f"/deployments/{deployment['id']}")["global_concurrency_limit"]["active_slots"] == 0,
            "the slots are given back",
        )
