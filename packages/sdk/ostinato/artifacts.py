"""Artifacts: links, Markdown, tables, progress bars and pictures that a run leaves for people to see."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from ostinato.context import FlowRunContext, TaskRunContext
from ostinato.engine.drivers import adrive
from ostinato.engine.steps import Offload, Plan, Request
from ostinato.utilities.paired import awaiting, blocking, run
from ostinato_wire.artifacts import Artifact as WireArtifact
from ostinato_wire.artifacts import (
    ArtifactCollection,
    ArtifactCollectionFilter,
    ArtifactCreate,
    ArtifactSort,
    ArtifactUpdate,
    KeyFilter,
)
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Artifact",
    "ImageArtifact",
    "LinkArtifact",
    "MarkdownArtifact",
    "ProgressArtifact",
    "TableArtifact",
    "acreate_image_artifact",
    "acreate_link_artifact",
    "acreate_markdown_artifact",
    "acreate_progress_artifact",
    "acreate_table_artifact",
    "aupdate_progress_artifact",
    "create_image_artifact",
    "create_link_artifact",
    "create_markdown_artifact",
    "create_progress_artifact",
    "create_table_artifact",
    "update_progress_artifact",
]

# Any below: JSON values.


class Artifact(BaseModel):
    """What a run leaves for people to see. The last one with a key stands for all of that key.

    `key` is of lower-case letters, digits and dashes; `description` is Markdown.
    """

    model_config = ConfigDict(extra="ignore")

    type: str | None = None
    key: str | None = None
    description: str | None = None
    data: Any = None
    metadata: dict[str, str] | None = None

    def format(self) -> Any:
        """Return the data as the server keeps them: a JSON value."""
        return self.data

    def create(self, *, _sync: bool = False) -> WireArtifact:
        """Store the artifact, as one of the run around this call, and return what the server made of it."""
        return run(_create(self), sync=_sync)

    async def acreate(self) -> WireArtifact:
        """Do as `create`, in an event loop."""
        return await adrive(_create(self))

    @classmethod
    def get(cls, key: str, *, _sync: bool = False) -> ArtifactCollection | None:
        """Return the latest artifact of a key, or None."""
        return run(_get(key), sync=_sync)

    @classmethod
    async def aget(cls, key: str) -> ArtifactCollection | None:
        """Do as `get`, in an event loop."""
        return await adrive(_get(key))

    @classmethod
    def get_or_create(
        cls, key: str, description: str | None = None, data: Any = None, *, _sync: bool = False, **members: Any
    ) -> tuple[ArtifactCollection | WireArtifact, bool]:
        """Return the latest artifact of a key, or make one; the second value is whether it was made."""
        return run(_get_or_create(cls, key, description, data, members), sync=_sync)

    @classmethod
    async def aget_or_create(
        cls, key: str, description: str | None = None, data: Any = None, **members: Any
    ) -> tuple[ArtifactCollection | WireArtifact, bool]:
        """Do as `get_or_create`, in an event loop."""
        return await adrive(_get_or_create(cls, key, description, data, members))

    @classmethod
    def _made(cls, key: str, description: str | None, data: Any, members: dict[str, Any]) -> Self:
        values: dict[str, Any] = {"key": key, "description": description, **members}
        return cls(**(values if data is None else values | {"data": data}))


class LinkArtifact(Artifact):
    """A link, with a text to click on if one is given."""

    type: str | None = "markdown"
    link: str
    link_text: str | None = None

    def format(self) -> str:
        """Return the link as Markdown."""
        return f"[{self.link_text}]({self.link})" if self.link_text else f"[{self.link}]({self.link})"


class MarkdownArtifact(Artifact):
    """A text in Markdown."""

    type: str | None = "markdown"
    markdown: str

    def format(self) -> str:
        """Return the text."""
        return self.markdown


class TableArtifact(Artifact):
    """A table: a list of rows, as dictionaries or lists, or a dictionary of columns."""

    type: str | None = "table"
    table: dict[str, list[Any]] | list[dict[str, Any]] | list[list[Any]]

    def format(self) -> str:
        """Return the table as JSON text; numbers that JSON does not have are null."""
        return json.dumps(_without_nan(self.table), default=str)


class ProgressArtifact(Artifact):
    """A progress bar from 0 to 100."""

    type: str | None = "progress"
    progress: float

    def format(self) -> float:
        """Return the progress in percent; with a warning, 0 or 100 in place of what is below or above."""
        return _percent(self.progress)


class ImageArtifact(Artifact):
    """A picture at an address that is open to whoever looks at it."""

    type: str | None = "image"
    image_url: str

    def format(self) -> str:
        """Return the address."""
        return self.image_url


def _percent(progress: float) -> float:
    kept = min(max(float(progress), 0.0), 100.0)
    if kept != progress:
        warnings.warn(f"Progress is between 0 and 100; got {progress}, {kept:g} is shown.", stacklevel=2)
    return 0.0 if math.isnan(kept) else kept


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in cast("Iterable[Any]", value)]
    return value


def _create(artifact: Artifact) -> Plan[WireArtifact]:
    task, flow = TaskRunContext.get(), FlowRunContext.get()
    flow_run_id = flow.flow_run.id if flow is not None else task.task_run.flow_run_id if task is not None else None
    body = ArtifactCreate(
        key=artifact.key,
        type=artifact.type,
        description=artifact.description,
        data=artifact.format(),
        metadata_=artifact.metadata,
        flow_run_id=flow_run_id,
        task_run_id=task.task_run.id if task is not None else None,
    )
    made: WireArtifact = yield Request("create_artifact", {"body": body})
    payload = {"key": made.key, "type": made.type, "description": made.description}
    yield Offload(lambda: _tell("created", made.id, made.key, payload))
    return made


def _tell(what: str, artifact_id: UUID, key: str | None, payload: dict[str, Any]) -> None:
    from ostinato.events import emit_event

    resource = {RESOURCE_ID: f"prefect.artifact.{artifact_id}"} | ({RESOURCE_NAME: key} if key else {})
    emit_event(f"prefect.artifact.{what}", resource, payload=payload)


def _get(key: str) -> Plan[ArtifactCollection | None]:
    wanted = ArtifactCollectionFilter(key=KeyFilter(any_=[key]))
    found: list[ArtifactCollection] = yield Request(
        "read_latest_artifacts",
        {"artifact_filter": wanted, "sort": ArtifactSort.UPDATED_DESC, "limit": 1},
    )
    return found[0] if found else None


def _get_or_create(
    kind: type[Artifact], key: str, description: str | None, data: Any, members: dict[str, Any]
) -> Plan[tuple[ArtifactCollection | WireArtifact, bool]]:
    found = yield from _get(key)
    if found is not None:
        return found, False
    made = yield from _create(kind._made(key, description, data, members))  # pyright: ignore[reportPrivateUsage] - of this module
    return made, True


def _create_link_artifact(
    link: str, link_text: str | None = None, key: str | None = None, description: str | None = None
) -> Plan[UUID]:
    """Leave a link and return the id of the artifact."""
    return (yield from _create(LinkArtifact(link=link, link_text=link_text, key=key, description=description))).id


def _create_markdown_artifact(markdown: str, key: str | None = None, description: str | None = None) -> Plan[UUID]:
    """Leave a text in Markdown and return the id of the artifact."""
    return (yield from _create(MarkdownArtifact(markdown=markdown, key=key, description=description))).id


def _create_table_artifact(
    table: dict[str, list[Any]] | list[dict[str, Any]] | list[list[Any]],
    key: str | None = None,
    description: str | None = None,
) -> Plan[UUID]:
    """Leave a table, a list of rows or a dictionary of columns, and return the id of the artifact."""
    return (yield from _create(TableArtifact(table=table, key=key, description=description))).id


def _create_progress_artifact(progress: float, key: str | None = None, description: str | None = None) -> Plan[UUID]:
    """Show a progress bar from 0 to 100 and return the id of the artifact, by which it is moved on."""
    return (yield from _create(ProgressArtifact(progress=progress, key=key, description=description))).id


def _update_progress_artifact(artifact_id: UUID, progress: float, description: str | None = None) -> Plan[UUID]:
    """Move a progress bar on and return its id. Raises ObjectNotFound."""
    changes: dict[str, Any] = {"data": _percent(progress)} | (
        {} if description is None else {"description": description}
    )
    body = ArtifactUpdate.model_validate(changes)
    yield Request("update_artifact", {"artifact_id": artifact_id, "body": body})
    yield Offload(lambda: _tell("updated", artifact_id, None, changes))
    return artifact_id


def _create_image_artifact(image_url: str, key: str | None = None, description: str | None = None) -> Plan[UUID]:
    """Show the picture at an address and return the id of the artifact."""
    return (yield from _create(ImageArtifact(image_url=image_url, key=key, description=description))).id


create_link_artifact = blocking(_create_link_artifact)
acreate_link_artifact = awaiting(_create_link_artifact)
create_markdown_artifact = blocking(_create_markdown_artifact)
acreate_markdown_artifact = awaiting(_create_markdown_artifact)
create_table_artifact = blocking(_create_table_artifact)
acreate_table_artifact = awaiting(_create_table_artifact)
create_progress_artifact = blocking(_create_progress_artifact)
acreate_progress_artifact = awaiting(_create_progress_artifact)
update_progress_artifact = blocking(_update_progress_artifact)
aupdate_progress_artifact = awaiting(_update_progress_artifact)
create_image_artifact = blocking(_create_image_artifact)
acreate_image_artifact = awaiting(_create_image_artifact)
