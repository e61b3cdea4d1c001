"""Variables and artifacts on a real server, sync and async."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid4

from ostinato import flow, get_client, task
from ostinato.artifacts import (
    Artifact,
    MarkdownArtifact,
    acreate_markdown_artifact,
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from ostinato.exceptions import ObjectNotFound
from ostinato.variables import Variable
from ostinato_wire.artifacts import Artifact as StoredArtifact
from tests.integration.sdk.conftest import Project


def unique(word: str) -> str:
    return f"{word}-{uuid4()}"


def stored(artifact_id: UUID) -> StoredArtifact:
    with get_client(sync_client=True) as client:
        return client.read_artifact(artifact_id)


def test_a_variable_is_set_once_unless_told_otherwise(project: Project) -> None:
    name = unique("v")
    assert Variable.get(name, "nothing") == "nothing"
    made = Variable.set(name, {"rows": [1, None]}, tags=["etl"])
    assert (made.name, made.value, made.tags) == (name, {"rows": [1, None]}, ["etl"])
    with pytest.raises(ValueError, match="overwrite=True"):
        Variable.set(name, 2)
    changed = Variable.set(name, 2, overwrite=True)
    assert (changed.id, changed.value, changed.tags) == (made.id, 2, ["etl"])
    assert Variable.get(name) == 2
    assert (Variable.unset(name), Variable.unset(name)) == (True, False)


@pytest.mark.parametrize(
    ("name", "value", "problem"), [("No", 1, "lowercase"), ("n" * 256, 1, "255"), ("n", "x" * 5000, "5000")]
)
def test_what_no_variable_can_be(project: Project, name: str, value: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Variable.set(name, value)


async def test_variables_in_async_code(project: Project) -> None:
    name = unique("v")
    await Variable.aset(name, [1])
    reading: Any = Variable.get(name)  # Any: typed for sync code, an awaitable here
    assert (await reading, await Variable.aget(name)) == ([1], [1])
    assert await Variable.aunset(name)


def test_artifacts_belong_to_their_run(project: Project) -> None:
    @task
    def leave() -> UUID:
        return create_link_artifact("https://example.com", "Example", key=unique("link"), description="A link.")

    @flow
    def work() -> tuple[UUID, UUID]:
        return leave(), create_markdown_artifact("# Done", key=unique("text"))

    of_task, of_flow = (stored(artifact_id) for artifact_id in work())
    assert (of_task.data, of_task.type, of_task.description) == (
        "[Example](https://example.com)",
        "markdown",
        "A link.",
    )
    assert of_task.task_run_id is not None
    assert of_flow.task_run_id is None
    assert of_flow.flow_run_id == of_task.flow_run_id
    assert stored(create_markdown_artifact("# Alone")).flow_run_id is None


def test_tables_and_pictures(project: Project) -> None:
    rows: Any = [{"a": 1, "b": float("nan")}, {"a": (2, float("inf"))}]
    table = stored(create_table_artifact(rows))
    assert (table.type, json.loads(str(table.data))) == ("table", [{"a": 1, "b": None}, {"a": [2, None]}])
    picture = stored(create_image_artifact("https://example.com/a.png"))
    assert (picture.type, picture.data) == ("image", "https://example.com/a.png")


def test_a_progress_bar_moves_on(project: Project) -> None:
    bar = create_progress_artifact(10, key=unique("bar"))
    assert (stored(bar).type, stored(bar).data) == ("progress", 10.0)
    assert update_progress_artifact(bar, 50, description="Half way.") == bar
    assert (stored(bar).data, stored(bar).description) == (50.0, "Half way.")
    with pytest.warns(UserWarning, match="between 0 and 100"):
        update_progress_artifact(bar, 120)
    assert stored(bar).data == 100.0
    with pytest.raises(ObjectNotFound):
        update_progress_artifact(uuid4(), 1)


def test_the_latest_of_a_key(project: Project) -> None:
    key = unique("key")
    assert Artifact.get(key) is None
    made, is_new = MarkdownArtifact.get_or_create(key, description="First.", markdown="# One")
    assert (made.data, made.description, is_new) == ("# One", "First.", True)
    create_markdown_artifact("# Two", key=key)
    latest = Artifact.get(key)
    assert latest is not None
    assert latest.data == "# Two"
    assert MarkdownArtifact.get_or_create(key, markdown="# Three")[1] is False


async def test_artifacts_in_async_code(project: Project) -> None:
    key = unique("key")
    await acreate_markdown_artifact("# One", key=key)
    making: Any = create_markdown_artifact("# Two", key=key)  # Any: typed for sync code, an awaitable here
    await making
    latest = await Artifact.aget(key)
    assert latest is not None
    assert latest.data == "# Two"
    with pytest.raises(ValueError, match="lowercase"):
        await acreate_markdown_artifact("# No", key="Bad Key")
