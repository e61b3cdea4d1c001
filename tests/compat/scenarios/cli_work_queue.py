"""`prefect work-queue`: create, ls, inspect, pause, resume, limits, preview, read-runs, delete."""

from _tools import api, cli, unique

if __name__ == "__main__":
    pool, queue = unique("pool"), unique("urgent")
    api("POST", "/work_pools/", {"name": pool, "type": "process"})
    path = f"/work_pools/{pool}/queues/{queue}"
    cli("work-queue", "create", queue, "--pool", pool, "--limit", 5, "--priority", 1)
    made = api("GET", path)
    assert made["concurrency_limit"] == 5 and made["priority"] == 1, made
    listed = cli("work-queue", "ls", "--pool", pool)
    assert queue in listed and "default" in listed, listed
    assert queue in cli("work-queue", "inspect", queue, "--pool", pool)
    cli("work-queue", "pause", queue, "--pool", pool)
    assert api("GET", path)["is_paused"]
    cli("work-queue", "resume", queue, "--pool", pool)
    assert not api("GET", path)["is_paused"]
    cli("work-queue", "set-concurrency-limit", queue, 2, "--pool", pool)
    assert api("GET", path)["concurrency_limit"] == 2
    cli("work-queue", "clear-concurrency-limit", queue, "--pool", pool)
    assert api("GET", path)["concurrency_limit"] is None
    cli("work-queue", "preview", queue, "--pool", pool)
    cli("work-queue", "read-runs", queue, "--pool", pool)
    cli("--no-prompt", "work-queue", "delete", queue, "--pool", pool)
    api("GET", path, status=(404,))
    api("DELETE", f"/work_pools/{pool}")
