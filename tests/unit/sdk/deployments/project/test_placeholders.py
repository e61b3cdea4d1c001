"""Flows are read from source that cannot be imported here."""

from pathlib import Path

import pytest

from ostinato.deployments.parameter_schema import parameter_schema
from ostinato.deployments.project.placeholders import declared_flow, declared_flows

SOURCE = '''
import no_such_package
from elsewhere import flow, task
import prefect

@flow
def plain():
    """What it does."""

@prefect.flow(name="The Name", version="7", retries=no_such_package.N)
async def named(a: int, /, b: "str" = "x", *rest: float, c: int | None = None, d: no_such_package.T = no_such_package.D,
                e: list[str], f: dict[str, int] = {"a": 1}, **more):
    ...

@task
def work(): ...

class Jobs:
    @flow(log_prints=True)
    def method(x: Optional[bool] = None): ...
'''


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a file of flows."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flows.py").write_text(SOURCE)
    return tmp_path


def test_a_flow_is_found_by_its_entrypoint(here: Path) -> None:
    for entrypoint in ("flows.py:plain", "flows.plain"):
        found = declared_flow(entrypoint)
        assert found is not None
        assert found.name == "plain"
    for entrypoint in ("flows.py:work", "flows.py:none", "nothing.py:plain", "flows.py:Jobs.none"):
        assert declared_flow(entrypoint) is None
    (here / "broken.py").write_text("def (")
    assert declared_flow("broken.py:x") is None


def test_it_can_be_deployed_with_its_parameters(here: Path) -> None:
    found = declared_flow("flows.py:named")
    assert found is not None
    flow = found.placeholder()
    assert (flow.name, flow.version) == ("The Name", "7")
    schema = parameter_schema(flow.fn, flow.signature)
    assert schema["required"] == ["a", "e"]
    kinds = {name: given.get("type") or given.get("anyOf") for name, given in schema["properties"].items()}
    assert kinds["a"] == "integer"
    assert kinds["b"] == "string"
    assert kinds["c"] == [{"type": "integer"}, {"type": "null"}]
    assert kinds["d"] is None
    assert schema["properties"]["e"]["items"] == {"type": "string"}
    assert schema["properties"]["f"]["default"] == {"a": 1}
    with pytest.raises(NotImplementedError, match="only stands for"):
        flow.fn()


def test_a_method_and_a_docstring_are_read(here: Path) -> None:
    method, plain = declared_flow("flows.py:Jobs.method"), declared_flow("flows.py:plain")
    assert method is not None
    assert method.options == {"log_prints": True}
    assert plain is not None
    assert plain.placeholder().description == "What it does."
    assert len(plain.placeholder().version or "") == 32


def test_flows_of_a_folder_are_listed(here: Path) -> None:
    (here / "sub").mkdir()
    (here / "sub" / "more.py").write_text("@flow\ndef more(): ...\n")
    for name in (".hidden", "venv"):
        (here / name).mkdir()
        (here / name / "other.py").write_text("@flow\ndef other(): ...\n")
    (here / "broken.py").write_text("def (")
    assert declared_flows(here) == [
        ("flows.py:plain", "plain"),
        ("flows.py:named", "The Name"),
        ("sub/more.py:more", "more"),
    ]
