"""`prefect concurrency-limit`: create, ls, inspect, reset, delete."""

from _tools import api, cli, unique

if __name__ == "__main__":
    tag = unique("database")
    path = f"/concurrency_limits/tag/{tag}"
    cli("concurrency-limit", "create", tag, 3)
    assert api("GET", path)["concurrency_limit"] == 3
    assert tag in cli("concurrency-limit", "ls", "--limit", 200)
    assert tag in cli("concurrency-limit", "inspect", tag)
    cli("concurrency-limit", "create", tag, 4)
    assert api("GET", path)["concurrency_limit"] == 4
    cli("concurrency-limit", "reset", tag)
    assert api("GET", path)["active_slots"] == []
    cli("concurrency-limit", "delete", tag)
    api("GET", path, status=(404,))
