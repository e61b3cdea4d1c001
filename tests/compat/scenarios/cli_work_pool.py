"""`prefect work-pool`: create, ls, inspect, update, pause, resume, limits, preview, base job template, delete."""

from _tools import api, as_json, cli, unique

if __name__ == "__main__":
    pool = unique("pool")
    path = f"/work_pools/{pool}"
    cli("work-pool", "create", pool, "--type", "process", "--paused")
    made = api("GET", path)
    assert made["is_paused"] and made["type"] == "process" and made["base_job_template"]["variables"], made
    assert pool in cli("work-pool", "ls")
    assert pool in cli("work-pool", "inspect", pool)
    cli("work-pool", "resume", pool)
    assert not api("GET", path)["is_paused"]
    cli("work-pool", "pause", pool)
    assert api("GET", path)["is_paused"]
    cli("work-pool", "set-concurrency-limit", pool, 3)
    assert api("GET", path)["concurrency_limit"] == 3
    cli("work-pool", "clear-concurrency-limit", pool)
    assert api("GET", path)["concurrency_limit"] is None
    cli("work-pool", "update", pool, "--description", "for the night")
    assert api("GET", path)["description"] == "for the night"
    template = as_json(cli("work-pool", "get-default-base-job-template", "--type", "process"))
    assert "job_configuration" in template, template
    cli("work-pool", "preview", pool)
    cli("--no-prompt", "work-pool", "delete", pool)
    api("GET", path, status=(404,))
