"""A limit on a tag keeps tasks with it from running at once, and gives back its slots."""

import threading
import time

from _tools import api, cli, unique
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

inside = []
most = []
lock = threading.Lock()


def main(tag):
    @task(tags=[tag], cache_policy=NO_CACHE)
    def careful(number):
        with lock:
            inside.append(number)
            most.append(len(inside))
        time.sleep(0.2)
        with lock:
            inside.remove(number)
        return number

    @flow
    def many():
        return [future.result() for future in careful.map(list(range(3)))]

    return many()


if __name__ == "__main__":
    tag = unique("database")
    cli("concurrency-limit", "create", tag, 1)
    assert main(tag) == [0, 1, 2]
    assert max(most) == 1, f"{max(most)} tasks with the tag ran at once"
    limit = api("GET", f"/concurrency_limits/tag/{tag}")
    assert limit["concurrency_limit"] == 1 and limit["active_slots"] == [], limit
    cli("concurrency-limit", "delete", tag)
    api("GET", f"/concurrency_limits/tag/{tag}", status=(404,))
