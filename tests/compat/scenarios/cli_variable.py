"""`prefect variable`: set, get, inspect, ls, unset."""

from _tools import api, cli, unique

if __name__ == "__main__":
    name = unique("answer").replace("-", "_")
    path = f"/variables/name/{name}"
    cli("variable", "set", name, "41", "--tag", "from-cli")
    assert api("GET", path)["tags"] == ["from-cli"], api("GET", path)
    assert "41" in cli("variable", "get", name)
    assert "already exists" in cli("variable", "set", name, "42", status=1)
    cli("variable", "set", name, '{"answer": 42}', "--overwrite")
    assert api("GET", path)["value"] == {"answer": 42}, api("GET", path)
    assert name in cli("variable", "inspect", name)
    assert name in cli("variable", "ls", "--limit", 200)
    cli("--no-prompt", "variable", "unset", name)
    api("GET", path, status=(404,))
    assert name in cli("variable", "get", name, status=1)
