"""Variables of any JSON value: set, overwritten, read with a default, unset, listed by tag."""

from _tools import api, unique
from prefect import flow, task
from prefect.variables import Variable


@task
def read(name):
    return Variable.get(name, default="missing")


@flow
def uses_variables(name):
    Variable.set(name, {"answer": 42}, tags=["limits"])
    assert read(name) == {"answer": 42}
    Variable.set(name, ["a", 1, None, True], overwrite=True, tags=["limits"])
    return Variable.get(name)


if __name__ == "__main__":
    name = unique("answer").replace("-", "_")
    assert uses_variables(name) == ["a", 1, None, True]
    stored = api("GET", f"/variables/name/{name}")
    assert stored["value"] == ["a", 1, None, True] and stored["tags"] == ["limits"], stored
    try:
        Variable.set(name, "again")
    except ValueError as error:
        assert "exists" in str(error), error
    else:
        raise AssertionError("a variable was overwritten without overwrite")
    found = api("POST", "/variables/filter", {"variables": {"name": {"any_": [name]}, "tags": {"all_": ["limits"]}}})
    assert [each["id"] for each in found] == [stored["id"]], found
    assert Variable.unset(name)
    assert not Variable.unset(name)
    assert Variable.get(name) is None
    api("GET", f"/variables/name/{name}", status=(404,))
