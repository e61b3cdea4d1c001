"""`prefect artifact`: ls, inspect, delete by id and by key."""

from _tools import api, cli, unique

if __name__ == "__main__":
    key = unique("report")
    first = api("POST", "/artifacts/", {"key": key, "type": "markdown", "data": "# One"})
    second = api("POST", "/artifacts/", {"key": key, "type": "markdown", "data": "# Two"})
    assert key in cli("artifact", "ls", "--limit", 200)
    # Not `ls --all`: the client sorts by key, and fails where any artifact has none, as those of results.
    shown = cli("artifact", "inspect", key)
    assert "# One" in shown and "# Two" in shown, shown
    cli("--no-prompt", "artifact", "delete", "--id", second["id"])
    assert api("GET", f"/artifacts/{key}/latest")["data"] == first["data"]
    cli("--no-prompt", "artifact", "delete", key)
    api("GET", f"/artifacts/{key}/latest", status=(404,))
