"""Artifacts: what runs leave for people to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.client.operation import decode, encode, facts
from ostinato.client.plans.filters import body_of
from ostinato.client.steps import Plan, Request
from ostinato_wire.artifacts import (
    Artifact,
    ArtifactCollection,
    ArtifactCollectionFilter,
    ArtifactCreate,
    ArtifactFilter,
    ArtifactSort,
    ArtifactUpdate,
)

if TYPE_CHECKING:
    from uuid import UUID


def create_artifact(body: ArtifactCreate) -> Plan[Artifact]:
    """Make an artifact; with a key it becomes the latest of its key."""
    response = yield Request("POST", "/artifacts/", encode(body.model_dump(exclude_unset=True)))
    return decode(response, Artifact)


def update_artifact(artifact_id: UUID, body: ArtifactUpdate) -> Plan[None]:
    """Change the members of an artifact that are set in `body`. Raises ObjectNotFound."""
    with facts():
        yield Request("PATCH", f"/artifacts/{artifact_id}", encode(body.model_dump(exclude_unset=True)))


def read_artifact(artifact_id: UUID) -> Plan[Artifact]:
    """Return an artifact. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/artifacts/{artifact_id}")
    return decode(response, Artifact)


def read_artifacts(
    artifact_filter: ArtifactFilter | None = None,
    sort: ArtifactSort | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Plan[list[Artifact]]:
    """Return artifacts that meet the filter, newest first unless told otherwise."""
    body = body_of({}, artifacts=artifact_filter, sort=sort, limit=limit, offset=offset)
    response = yield Request("POST", "/artifacts/filter", encode(body))
    return decode(response, list[Artifact])


def read_latest_artifacts(
    artifact_filter: ArtifactCollectionFilter | None = None,
    sort: ArtifactSort | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Plan[list[ArtifactCollection]]:
    """Return the latest artifact of each key that meets the filter."""
    body = body_of({}, artifacts=artifact_filter, sort=sort, limit=limit, offset=offset)
    response = yield Request("POST", "/artifacts/latest/filter", encode(body))
    return decode(response, list[ArtifactCollection])


def delete_artifact(artifact_id: UUID) -> Plan[None]:
    """Delete an artifact. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/artifacts/{artifact_id}")
