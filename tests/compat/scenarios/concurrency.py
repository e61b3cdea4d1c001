"""Global concurrency limits and rate limits, held and given back by flows, sync and async."""

import asyncio
import threading
import time

from _tools import api, unique
from prefect import flow, task
from prefect.concurrency.asyncio import concurrency as async_concurrency
from prefect.concurrency.sync import concurrency, rate_limit

inside = []
most = []
lock = threading.Lock()


@task
def use(limit, number):
    with concurrency(limit, occupy=1, timeout_seconds=30):
        with lock:
            inside.append(number)
            most.append(len(inside))
        time.sleep(0.3)
        with lock:
            inside.remove(number)


@flow
def crowd(limit):
    for future in [use.submit(limit, number) for number in range(4)]:
        future.result()


@flow
def paced(limit):
    began = time.monotonic()
    for _ in range(4):
        rate_limit(limit)
    return time.monotonic() - began


@flow
async def asynchronous(limit):
    async with async_concurrency(limit, occupy=2):
        held = api("GET", f"/v2/concurrency_limits/{limit}")
    return held["active_slots"]


@flow
def impatient(limit):
    with concurrency(limit, occupy=2), concurrency(limit, occupy=1, timeout_seconds=1):
        pass


def slots(limit):
    return api("GET", f"/v2/concurrency_limits/{limit}")["active_slots"]


if __name__ == "__main__":
    limit, rate = unique("database"), unique("requests")
    api("POST", "/v2/concurrency_limits/", {"name": limit, "limit": 2})
    api("POST", "/v2/concurrency_limits/", {"name": rate, "limit": 1, "slot_decay_per_second": 2.0})
    crowd(limit)
    assert max(most) == 2, f"{max(most)} held 1 of 2 slots at once"
    assert slots(limit) == 0, "slots were not given back"
    assert asyncio.run(asynchronous(limit)) == 2
    assert slots(limit) == 0, "slots of an async flow were not given back"
    took = paced(rate)
    assert took > 1.0, f"4 calls at 2 a second took {took:.2f} s"
    state = impatient(limit, return_state=True)
    assert state.is_failed() and "Timeout" in str(state.message), state
    assert slots(limit) == 0, "slots of a failed flow were not given back"
