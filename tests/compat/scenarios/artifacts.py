"""Artifacts of every kind, their latest-by-key collections, and progress that is updated."""

from _tools import api, unique
from prefect import flow, runtime, task
from prefect.artifacts import (
    Artifact,
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)  # fmt: skip

ids = {}


@task
def report(key):
    create_markdown_artifact("# Report 1", key=key, description="the report")
    return create_markdown_artifact("# Report 2", key=key, description="the report")


@flow
def publish(key):
    ids["run"] = runtime.flow_run.id
    ids["latest"] = str(report(key))
    create_link_artifact("https://example.com", key=f"{key}-link", link_text="example")
    create_table_artifact([{"name": "a", "value": 1}], key=f"{key}-table")
    create_image_artifact("https://example.com/a.png", key=f"{key}-image")
    progress = create_progress_artifact(10.0, key=f"{key}-progress")
    update_progress_artifact(progress, progress=100.0)


if __name__ == "__main__":
    key = unique("report")
    publish(key)
    wanted = {"artifacts": {"flow_run_id": {"any_": [ids["run"]]}}}
    made = api("POST", "/artifacts/filter", wanted)
    kinds = sorted(each["type"] for each in made if each["type"] != "result")
    assert kinds == ["image", "markdown", "markdown", "progress", "table"] or kinds == [
        "image", "markdown", "markdown", "markdown", "progress", "table",
    ], kinds  # fmt: skip
    assert all(each["task_run_id"] for each in made if each["key"] == key), made
    latest = api("GET", f"/artifacts/{key}/latest")
    assert latest["data"] == "# Report 2" and latest["task_run_id"], latest
    (collection,) = api("POST", "/artifacts/latest/filter", {"artifacts": {"key": {"any_": [key]}}})
    assert collection["latest_id"] == ids["latest"], collection
    (progress,) = [each for each in made if each["type"] == "progress"]
    assert progress["data"] == 100.0, progress
    found = Artifact.get(key)
    assert found is not None and found.data == "# Report 2", found
    assert Artifact.get(unique("none")) is None
    assert api("POST", "/artifacts/count", wanted) == len(made)
