"""What code may ask of its run, within runs, outside of them, and pretended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from uuid_utils.compat import uuid4

from ostinato import flow, tags, task
from ostinato.runtime import deployment, flow_run, task_run
from ostinato.settings import temporary_settings
from ostinato.utilities.urls import url_for
from tests.unit.sdk.engine.conftest import server  # noqa: F401  # pyright: ignore[reportUnusedImport] - a fixture


def facts(module: Any) -> dict[str, Any]:  # Any: a module of facts of many types
    return {name: getattr(module, name) for name in module.__all__}


def test_within_runs(server: Any) -> None:  # noqa: F811  # Any: not looked at
    seen = list[dict[str, Any]]()

    @task(tags=["b"])
    def look(x: int) -> None:
        seen.append(facts(task_run))

    @flow(name="looking", version="v1")
    def looking(a: int) -> None:
        seen.append(
            {name: getattr(flow_run, name) for name in ("name", "flow_name", "flow_version", "parameters", "tags")}
        )
        seen.append({"count": flow_run.run_count, "root": flow_run.root_flow_run_id, "id": flow_run.id})
        seen.append(facts(deployment))
        look(a + 1)

    with tags("a"):
        looking(1)
    run = server.only_flow_run
    named, counted, deployed, of_task = seen
    assert named == {
        "name": run.name, "flow_name": "looking", "flow_version": "v1", "parameters": {"a": 1}, "tags": ["a"],
    }  # fmt: skip
    assert counted == {"count": 1, "root": str(run.id), "id": str(run.id)}
    assert deployed == {"id": None, "name": None, "version": None, "parameters": {}, "flow_run_id": str(run.id)}
    assert (of_task["task_name"], of_task["parameters"], of_task["tags"]) == ("look", {"x": 2}, ["a", "b"])
    assert of_task["api_url"].endswith(f"/api/task_runs/{of_task['id']}")


def test_outside_of_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT__FLOW_RUN_ID", raising=False)
    assert isinstance(flow_run.scheduled_start_time, datetime)
    empty = {name: value for name, value in facts(flow_run).items() if name != "scheduled_start_time"}
    assert [value for value in empty.values() if value] == []
    assert (flow_run.tags, flow_run.parameters, flow_run.run_count, flow_run.id) == ([], {}, 0, None)
    assert [value for module in (task_run, deployment) for value in facts(module).values() if value] == []


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("name", "otter", "otter"),
        ("run_count", "5", 5),
        ("scheduled_start_time", "2026-01-01T00:00:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("anything", "goes", "goes"),
    ],
)
def test_facts_can_be_pretended(name: str, text: str, value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PREFECT__RUNTIME__FLOW_RUN__{name.upper()}", text)
    assert getattr(flow_run, name) == value


def test_facts_without_a_text_form_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT__RUNTIME__FLOW_RUN__TAGS", "a")
    with pytest.raises(ValueError, match="'tags' is a list"):
        _ = flow_run.tags


def test_unknown_facts_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="nothing_like_that"):
        getattr(flow_run, "nothing_like_that")  # noqa: B009 - the module does not declare it


def test_addresses() -> None:
    run_id = uuid4()
    with temporary_settings({"api.url": "https://flows.example.com/api"}):
        assert url_for("flow-run", run_id) == f"https://flows.example.com/runs/flow-run/{run_id}"
        assert url_for("flow_run", run_id, "api") == f"https://flows.example.com/api/flow_runs/{run_id}"
        assert url_for("worker", run_id, work_pool_name="p") == (
            f"https://flows.example.com/work-pools/work-pool/p/worker/{run_id}"
        )
        assert url_for("variable", "v", "api") == "https://flows.example.com/api/variables/name/v"
        assert url_for("variable", "v") is None
        assert url_for("nobody-knows", run_id) is None
