"""`prefect gcl`: create, ls, inspect, update, disable, enable, delete."""

from _tools import api, cli, unique

if __name__ == "__main__":
    name = unique("database")
    path = f"/v2/concurrency_limits/{name}"
    cli("gcl", "create", name, "--limit", 5, "--slot-decay-per-second", 0.5)
    made = api("GET", path)
    assert made["limit"] == 5 and made["slot_decay_per_second"] == 0.5 and made["active"], made
    assert name in cli("gcl", "ls")
    assert name in cli("gcl", "inspect", name)
    cli("gcl", "update", name, "--limit", 7)
    assert api("GET", path)["limit"] == 7
    cli("gcl", "disable", name)
    assert not api("GET", path)["active"]
    cli("gcl", "enable", name)
    assert api("GET", path)["active"]
    cli("--no-prompt", "gcl", "delete", name)
    api("GET", path, status=(404,))
    assert name in cli("gcl", "inspect", name, status=1)
